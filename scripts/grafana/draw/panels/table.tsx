/** A table: Grafana's TableNG with its cells, colours and links; all rows that fit are in the page. */

import type { Options } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import { TableNG } from '@grafana/ui/unstable';

import { NoData } from '../no_data';
import type { Sized } from './sized';

export function Rows({ prepared, width, height }: Sized) {
  const options = prepared.options as unknown as Options;
  const frame = prepared.frames[options.frameIndex] ?? prepared.frames[0];
  if (frame === undefined) {
    return <NoData {...prepared} />;
  }
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={!options.showHeader}
      showTypeIcons={options.showTypeIcons}
      sortBy={options.sortBy}
      cellHeight={options.cellHeight}
      maxRowHeight={options.maxRowHeight}
      frozenColumns={options.frozenColumns?.left}
      enablePagination={options.enablePagination}
      pageSize={options.pageSize}
      fieldConfig={prepared.fieldConfig}
      noValue={prepared.fieldConfig.defaults.noValue}
      timeRange={prepared.range}
      structureRev={1}
      resizable
      enableVirtualization={false}
    />
  );
}

/** One panel in Grafana's frame: title, mark of a description, links, and the component of its type. */

import { renderMarkdown } from '@grafana/data';
import { Icon, PanelChrome } from '@grafana/ui';
import type { FC } from 'react';

import { NoData } from './no_data';
import { Bars } from './panels/bar_gauge';
import type { Sized } from './panels/sized';
import { Stat } from './panels/stat';
import { Rows } from './panels/table';
import { Text } from './panels/text';
import { graphable, Lines } from './panels/time_series';
import type { Prepared } from './prepare';

const components: Record<string, FC<Sized>> = { stat: Stat, bargauge: Bars, timeseries: Lines, table: Rows, text: Text };

interface Props {
  prepared: Prepared;
  width: number;
  height: number;
}

export function Panel({ prepared, width, height }: Props) {
  const { panel, replace } = prepared;
  const Component = components[panel.type] ?? NoDataOf;
  const description = panel.description;
  return (
    <PanelChrome
      width={width}
      height={height}
      title={replace(panel.title ?? '', undefined, 'text')}
      description={description ? () => renderMarkdown(replace(description)) : undefined}
      titleItems={panel.links?.length ? <Icon name="external-link-alt" /> : undefined}
      displayMode={panel.transparent ? 'transparent' : 'default'}
      hoverHeader={!panel.title}
      padding={panel.type === 'table' ? 'none' : 'md'}
    >
      {(innerWidth, innerHeight) =>
        isEmpty(prepared) ? (
          <NoData {...prepared} />
        ) : (
          <Component prepared={prepared} width={innerWidth} height={innerHeight} />
        )
      }
    </PanelChrome>
  );
}

function NoDataOf({ prepared }: Sized) {
  return <NoData {...prepared} />;
}

/** Whether Grafana says "No data": no column, or, in a table too, no row. */
function isEmpty({ panel, frames }: Prepared): boolean {
  if (panel.type === 'text') {
    return false;
  }
  const shown = panel.type === 'timeseries' ? graphable(frames) : frames;
  return shown.every((frame) => frame.length === 0);
}

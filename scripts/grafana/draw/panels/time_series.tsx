/** A time series: Grafana's TimeSeries with its axes, thresholds and legend. */

import { type DataFrame, FieldType } from '@grafana/data';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import { TimeSeries } from '@grafana/ui';

import type { Sized } from './sized';

const DRAWN: ReadonlySet<FieldType> = new Set([FieldType.time, FieldType.number, FieldType.boolean]);

export function Lines({ prepared, width, height }: Sized) {
  const options = prepared.options as unknown as Options;
  return (
    <TimeSeries
      frames={graphable(prepared.frames)}
      structureRev={1}
      timeRange={prepared.range}
      timeZone={prepared.timeZone}
      legend={options.legend}
      options={prepared.options}
      width={width}
      height={height}
    />
  );
}

/** The frames that have a time; of their columns those that a line can show. */
export function graphable(frames: DataFrame[]): DataFrame[] {
  return frames
    .filter((frame) => frame.fields.some((field) => field.type === FieldType.time))
    .map((frame) => ({ ...frame, fields: frame.fields.filter((field) => DRAWN.has(field.type)) }))
    .filter((frame) => frame.fields.length > 1);
}

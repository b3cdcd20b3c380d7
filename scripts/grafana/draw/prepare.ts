/** From rows to what a panel shows: transformations, then field options and overrides, all by Grafana's code. */

import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  createDataFrame,
  type DataFrame,
  dateTime,
  type FieldConfigSource,
  FieldType,
  getPanelOptionsWithDefaults,
  type GrafanaTheme2,
  type InterpolateFunction,
  rangeUtil,
  type TimeRange,
  transformDataFrame,
} from '@grafana/data';
import { firstValueFrom } from 'rxjs';

import { type DashboardModel, type FrameRows, type Options, type PanelModel, type PanelRange, panels, withInfinity } from './model';
import { pluginOf } from './plugins';

/** A panel with all that its picture depends on. */
export interface Prepared {
  panel: PanelModel;
  options: Options;
  fieldConfig: FieldConfigSource;
  frames: DataFrame[];
  range: TimeRange;
  timeZone: string;
  replace: InterpolateFunction;
}

const DEFAULT_TIME = { from: 'now-6h', to: 'now' };
const MOST_POINTS = 1_000;

/** The time range and the step with which each panel's queries are asked at a width, in pixels, of the page. */
export function ranges(dashboard: DashboardModel, width: number): PanelRange[] {
  return panels(dashboard).map((panel) => {
    const raw = panel.timeFrom ? { from: `now-${panel.timeFrom}`, to: 'now' } : (dashboard.time ?? DEFAULT_TIME);
    const range = rangeUtil.convertRawToRange(raw, timeZoneOf(dashboard));
    const points = panel.maxDataPoints ?? Math.min(MOST_POINTS, (width * panel.gridPos.w) / 24);
    const { intervalMs } = rangeUtil.calculateInterval(range, points, panel.interval);
    return {
      id: panel.id,
      from: range.from.valueOf(),
      to: range.to.valueOf(),
      interval: Math.max(1, Math.floor(intervalMs / 1_000)),
    };
  });
}

/** The dashboard's own zone; the browser's when it says none. */
export function timeZoneOf(dashboard: DashboardModel): string {
  const { timezone } = dashboard;
  return timezone && timezone !== 'browser' ? timezone : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All that `panel` shows; `rows` are the answers of its queries. */
export async function prepare(
  panel: PanelModel,
  rows: FrameRows[],
  asked: PanelRange,
  timeZone: string,
  theme: GrafanaTheme2,
  replace: InterpolateFunction
): Promise<Prepared> {
  const plugin = pluginOf(panel.type);
  const { options, fieldConfig } = getPanelOptionsWithDefaults({
    plugin,
    currentOptions: panel.options ?? {},
    currentFieldConfig: withInfinity(panel.fieldConfig ?? { defaults: {}, overrides: [] }),
    isAfterPluginChange: false,
  });
  const transformed = await firstValueFrom(transformDataFrame(panel.transformations ?? [], rows.map(frame)));
  const frames = applyFieldOverrides({
    data: transformed,
    fieldConfig,
    fieldConfigRegistry: plugin.fieldConfigRegistry,
    replaceVariables: replace,
    theme,
    timeZone,
  });
  cacheFieldDisplayNames(frames);
  const [from, to] = [dateTime(asked.from), dateTime(asked.to)];
  return { panel, options, fieldConfig, frames, range: { from, to, raw: { from, to } }, timeZone, replace };
}

function frame(rows: FrameRows): DataFrame {
  return createDataFrame({
    refId: rows.refId,
    fields: rows.fields.map((field) => ({ ...field, type: field.type as FieldType, config: {} })),
  });
}

/** What Python hands to the page and takes from it: the committed dashboard and the rows of its queries. */

import type { DataTransformerConfig, FieldConfigSource, ThresholdsConfig } from '@grafana/data';
import type { GridPos } from '@grafana/schema';

export type Options = Record<string, unknown>;

export interface PanelModel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  transparent?: boolean;
  gridPos: GridPos;
  interval?: string;
  maxDataPoints?: number;
  timeFrom?: string;
  links?: Array<{ title: string; url?: string }>;
  options?: Options;
  fieldConfig?: FieldConfigSource;
  transformations?: DataTransformerConfig[];
  targets?: Array<{ refId: string; hide?: boolean }>;
  panels?: PanelModel[];
}

export interface DashboardModel {
  uid: string;
  title: string;
  time?: { from: string; to: string };
  timezone?: string;
  links?: Array<{ title: string; tooltip?: string }>;
  templating?: { list?: Array<{ name: string; label?: string; hide?: number }> };
  panels?: PanelModel[];
}

/** A column: `time` in milliseconds; labels only in time series. */
export interface FieldRows {
  name: string;
  type: 'time' | 'number' | 'string' | 'boolean';
  labels?: Record<string, string>;
  values: unknown[];
}

/** One frame, as the data source plugin would have answered it. */
export interface FrameRows {
  refId: string;
  fields: FieldRows[];
}

/** What a query is asked with; milliseconds since 1970, and whole seconds of one step. */
export interface PanelRange {
  id: number;
  from: number;
  to: number;
  interval: number;
}

/** The chosen values of a variable, as people see them and as queries use them. */
export interface Chosen {
  text: string;
  value: string;
}

export interface Drawing {
  dashboard: DashboardModel;
  frames: Record<string, FrameRows[]>;
  variables: Record<string, Chosen>;
  ranges: PanelRange[];
  theme: 'dark' | 'light';
  /** Grafana's settings of dates, such as INTERVAL_DAY. */
  dateFormats: Record<string, string>;
}

/** The panels that are drawn: those of rows that stand open are in the dashboard's own list. */
export function panels(dashboard: DashboardModel): PanelModel[] {
  return (dashboard.panels ?? []).filter((panel) => panel.type !== 'row');
}

/** JSON has no infinity: the first step of thresholds is null there. Changes a copy. */
export function withInfinity(config: FieldConfigSource): FieldConfigSource {
  const copy = structuredClone(config);
  mend(copy.defaults.thresholds);
  for (const property of copy.overrides.flatMap((rule) => rule.properties)) {
    if (property.id === 'thresholds') {
      mend(property.value as ThresholdsConfig);
    }
  }
  return copy;
}

function mend(thresholds: ThresholdsConfig | undefined): void {
  for (const step of thresholds?.steps ?? []) {
    step.value ??= -Infinity;
  }
}

/** The types of Grafana's schema for JSON as it is stored, and those of our panels made of them. */

import type * as schema from '@grafana/schema';
import type * as barGauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as text from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';
import type * as timeSeries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** `T` as JSON: the words of an enumeration in place of its members, and every key may be left to Grafana's default. */
export type Json<T> = 0 extends 1 & T
  ? unknown
  : T extends string
    ? string extends T
      ? string
      : `${T}`
    : T extends number | boolean | null | undefined
      ? T
      : T extends ReadonlyArray<infer Item>
        ? Array<Json<Item>>
        : T extends object
          ? { [Key in keyof T]?: Json<T[Key]> }
          : T;

interface Types {
  stat: { options: stat.Options; custom: object };
  bargauge: { options: barGauge.Options; custom: object };
  table: { options: table.Options; custom: table.FieldConfig };
  text: { options: text.Options; custom: object };
  timeseries: { options: timeSeries.Options; custom: timeSeries.FieldConfig };
}

/** The types of panel that there may be. */
export type PanelType = keyof Types;

/** Of the data package, which the schema does not describe. */
type Link = { title: string; url: string; targetBlank?: boolean; oneClick?: boolean };

type Field = Pick<
  schema.FieldConfig,
  'unit' | 'min' | 'max' | 'decimals' | 'displayName' | 'noValue' | 'color' | 'thresholds' | 'mappings' | 'filterable'
> & { links?: Link[]; fieldMinMax?: boolean };

/** A column is hidden by a path inside one of its field options; all other overrides name a whole option. */
type Nested = { id: 'custom.hideFrom.viz'; value: boolean };

type Property<Custom> =
  | { [Id in keyof Field]-?: { id: Id; value: Json<Field[Id]> } }[keyof Field]
  | { [Id in keyof Custom & string]-?: { id: `custom.${Id}`; value: Json<Custom[Id]> } }[keyof Custom & string]
  | Nested;

interface FieldConfig<Custom> {
  defaults: Json<Field> & { custom?: Json<Custom> };
  overrides: Array<{ matcher: { id: string; options?: unknown }; properties: Array<Property<Custom>> }>;
}

/** A query of the ClickHouse plugin: what its server reads (`format`) and what its editor reads say the same. */
type Target = {
  refId: string;
  datasource: { type: 'grafana-clickhouse-datasource'; uid: string };
  editorType: 'sql';
  rawSql: string;
  pluginVersion: string;
  meta: Record<string, never>;
  hide?: boolean;
} & ({ queryType: 'timeseries'; format: 0 } | { queryType: 'table'; format: 1 });

type Common = Json<Omit<schema.Panel, 'type' | 'id' | 'gridPos' | 'options' | 'fieldConfig' | 'targets'>> & {
  id: number;
  gridPos: Pick<schema.GridPos, 'x' | 'y' | 'w' | 'h' | 'static'>;
};

/** A panel of a type, as stored. */
export type PanelJson<Type extends PanelType> = Common & {
  type: Type;
  options?: Json<Types[Type]['options']>;
  fieldConfig?: FieldConfig<Types[Type]['custom']>;
} & (Type extends 'text' ? { targets?: never[] } : { targets: Target[] });

/** A row, as stored. */
export type RowJson = Json<Omit<schema.RowPanel, 'panels'>> & { panels: unknown[] };

/** A variable, as stored: the schema knows `definition`, the query for people to read, not. */
type Variable = Json<schema.VariableModel> & { name: string; definition?: string };

/** A dashboard without its panels, as stored. */
export type DashboardJson = Json<Omit<schema.Dashboard, 'panels' | 'uid' | 'title' | 'templating'>> & {
  uid: string;
  title: string;
  templating?: { list: Variable[] };
};

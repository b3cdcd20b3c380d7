/** The panel types that are drawn: their options and field options when the dashboard does not say them. */

import { FieldColorModeId, FieldConfigProperty, identityOverrideProcessor, PanelPlugin } from '@grafana/data';
import {
  defaultReduceDataOptions,
  defaultTableFieldOptions,
  defaultVizLegendOptions,
  GraphDrawStyle,
  GraphGradientMode,
  GraphThresholdsStyleMode,
  LineInterpolation,
  StackingMode,
  VisibilityMode,
  VizOrientation,
} from '@grafana/schema';
import { defaultOptions as barGauge } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import { defaultOptions as stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import { defaultOptions as table } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import { defaultOptions as text } from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';

import type { Options } from './model';
import { nothing } from './standard';

const oneValue: Options = {
  reduceOptions: { ...defaultReduceDataOptions, values: false, calcs: ['lastNotNull'] },
  orientation: VizOrientation.Auto,
};

const line: Options = {
  drawStyle: GraphDrawStyle.Line,
  lineInterpolation: LineInterpolation.Linear,
  lineWidth: 1,
  lineStyle: { fill: 'solid' },
  lineColor: undefined,
  fillOpacity: 0,
  fillColor: undefined,
  fillBelowTo: undefined,
  gradientMode: GraphGradientMode.None,
  spanNulls: false,
  insertNulls: false,
  showPoints: VisibilityMode.Auto,
  showValues: false,
  pointSize: 5,
  pointColor: undefined,
  pointSymbol: undefined,
  stacking: { mode: StackingMode.None, group: 'A' },
  transform: undefined,
  barAlignment: 0,
  barWidthFactor: 0.6,
  barMaxWidth: undefined,
  axisPlacement: 'auto',
  axisLabel: '',
  axisWidth: undefined,
  axisColorMode: 'text',
  axisGridShow: undefined,
  axisBorderShow: false,
  axisCenteredZero: false,
  axisSoftMin: undefined,
  axisSoftMax: undefined,
  scaleDistribution: { type: 'linear' },
  thresholdsStyle: { mode: GraphThresholdsStyleMode.Off },
  hideFrom: { tooltip: false, viz: false, legend: false },
};

const cell: Options = {
  ...defaultTableFieldOptions,
  cellOptions: { type: 'auto' },
  width: undefined,
  minWidth: undefined,
  filterable: false,
  wrapText: undefined,
  wrapHeaderText: undefined,
  hideHeader: false,
  footer: undefined,
  tooltip: undefined,
  styleField: undefined,
  sortable: undefined,
  'hideFrom.viz': false,
};

/** One type of panel; `custom` are its own field options by path, with what each is when unset. */
function plugin(defaults: Options, color: FieldColorModeId, custom: Options = {}): PanelPlugin {
  return new PanelPlugin(nothing)
    .setPanelOptions((builder) => {
      for (const [path, defaultValue] of Object.entries(defaults)) {
        builder.addCustomEditor({ id: path, path, name: path, defaultValue, editor: nothing });
      }
    })
    .useFieldConfig({
      standardOptions: { [FieldConfigProperty.Color]: { defaultValue: { mode: color } } },
      useCustomConfig: (builder) => {
        for (const [path, defaultValue] of Object.entries(custom)) {
          builder.addCustomEditor({
            id: path,
            path: path as never,
            name: path,
            defaultValue,
            editor: nothing,
            override: nothing,
            process: identityOverrideProcessor,
            shouldApply: () => true,
          });
        }
      },
    });
}

const byType: Record<string, PanelPlugin> = {
  stat: plugin({ ...oneValue, ...stat, text: {} }, FieldColorModeId.Thresholds),
  bargauge: plugin({ ...oneValue, ...barGauge, text: {} }, FieldColorModeId.Thresholds),
  table: plugin({ ...table }, FieldColorModeId.Thresholds, cell),
  text: plugin({ ...text }, FieldColorModeId.Thresholds),
  timeseries: plugin(
    {
      legend: { ...defaultVizLegendOptions, displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'single', sort: 'none' },
    },
    FieldColorModeId.PaletteClassic,
    line
  ),
};

/** The plugin of a type; an error for a type that cannot be drawn. */
export function pluginOf(type: string): PanelPlugin {
  const found = byType[type];
  if (found === undefined) {
    throw new Error(`a panel of type ${type} cannot be drawn; there are ${Object.keys(byType).join(', ')}`);
  }
  return found;
}

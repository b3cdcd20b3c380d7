/** The standard field options by id, each with Grafana's own processor. Grafana's own list is not on npm. */

import {
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  type FieldConfigPropertyItem,
  FieldConfigProperty as Id,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  systemDateFormats,
  thresholdsOverrideProcessor,
  ThresholdsMode,
  type TransformerRegistryItem,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';

type Process = FieldConfigPropertyItem['process'];

export const nothing = (): null => null;

const processors: Array<[Id, Process]> = [
  [Id.Unit, unitOverrideProcessor as Process],
  [Id.Min, numberOverrideProcessor],
  [Id.Max, numberOverrideProcessor],
  [Id.FieldMinMax, booleanOverrideProcessor],
  [Id.Decimals, numberOverrideProcessor],
  [Id.DisplayName, displayNameOverrideProcessor],
  [Id.NoValue, stringOverrideProcessor],
  [Id.Color, identityOverrideProcessor],
  [Id.Thresholds, thresholdsOverrideProcessor],
  [Id.Mappings, valueMappingsOverrideProcessor],
  [Id.Links, dataLinksOverrideProcessor],
  [Id.Filterable, booleanOverrideProcessor],
];

/** What a field has when its panel says nothing: an unset threshold is green, and red from 80 on. */
const defaults: Partial<Record<Id, unknown>> = {
  [Id.Mappings]: [],
  [Id.Thresholds]: {
    mode: ThresholdsMode.Absolute,
    steps: [
      { value: -Infinity, color: 'green' },
      { value: 80, color: 'red' },
    ],
  },
};

function property(id: Id, process: Process): FieldConfigPropertyItem {
  return {
    id,
    path: id,
    name: id,
    settings: id === Id.DisplayName ? { expandTemplateVars: true } : {},
    defaultValue: defaults[id],
    editor: nothing,
    override: nothing,
    process,
    shouldApply: () => true,
  };
}

function transformers(): TransformerRegistryItem[] {
  const byId = new Map(Object.values(standardTransformers).map((each) => [each.id, each]));
  return [...byId.values()].map((each) => ({
    id: each.id,
    name: each.name,
    transformation: async () => each,
    editor: nothing,
    imageDark: '',
    imageLight: '',
  })) as TransformerRegistryItem[];
}

/** Fill Grafana's registries of field options and transformations; once. */
export function initialise(): void {
  standardFieldConfigEditorRegistry.setInit(() => processors.map(([id, process]) => property(id, process)));
  standardTransformersRegistry.setInit(transformers);
}

/** Write dates as the settings of Grafana say; what they do not say stays Grafana's default. */
export function setDateFormats(settings: Record<string, string>): void {
  const { interval, fullDate } = systemDateFormats;
  const set = (name: keyof typeof interval): [string, string] => [name, settings[`INTERVAL_${name.toUpperCase()}`] ?? interval[name]];
  systemDateFormats.update({
    fullDate: settings['FULL_DATE'] ?? fullDate,
    interval: Object.fromEntries((Object.keys(interval) as Array<keyof typeof interval>).map(set)) as typeof interval,
    useBrowserLocale: false,
  });
}

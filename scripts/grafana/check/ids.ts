/** Ids that types take for any string, looked up in Grafana's own registries. */

import {
  createTheme,
  fieldColorModeRegistry,
  fieldMatchers,
  fieldReducers,
  getValueFormats,
  standardTransformers,
  type Registry,
  type RegistryItem,
} from '@grafana/data';

import { allPanels, type Dashboard, type Finding, type Panel } from './model';

type Say = (path: string, message: string) => void;

const UNITS = new Set(getValueFormats().flatMap((group) => group.submenu.map((unit) => unit.value)));
const OWN_UNIT = /^(suffix|prefix|time|si|count|currency|bool):./;
const TRANSFORMATIONS: ReadonlySet<string> = new Set(Object.values(standardTransformers).map((each) => each.id));
const HUES = new Set<string>(createTheme().visualization.hues.flatMap((hue) => hue.shades.map((shade) => shade.name)));
const COLOUR = /^(#[0-9a-f]{3,8}|rgba?\(.*\)|text|transparent|panel-bg)$/i;

/** Unknown units, matchers, reducers, transformations, colour modes and colours. */
export function checkIds(dashboard: Dashboard): Finding[] {
  const found: Finding[] = [];
  for (const panel of allPanels(dashboard)) {
    checkPanel(panel, (path, message) => {
      found.push({ check: 'ids', dashboard: dashboard.uid, panel: panel.id, path, message });
    });
  }
  return found;
}

function checkPanel(panel: Panel, say: Say): void {
  const { defaults, overrides } = panel.fieldConfig ?? { defaults: {}, overrides: [] };
  for (const [id, value] of Object.entries(defaults)) {
    checkOption(id, value, `fieldConfig.defaults.${id}`, say);
  }
  overrides.forEach(({ matcher, properties }, at) => {
    const path = `fieldConfig.overrides.${at}`;
    known(fieldMatchers, matcher.id, 'matcher', `${path}.matcher.id`, say);
    properties.forEach(({ id, value }, n) => checkOption(id, value, `${path}.properties.${n}.value`, say));
  });
  for (const [path, calcs] of Object.entries(reducers(panel))) {
    for (const calc of calcs) {
      known(fieldReducers, calc, 'reducer', path, say);
    }
  }
  panel.transformations?.forEach(({ id }, at) => {
    if (!TRANSFORMATIONS.has(id)) {
      say(`transformations.${at}.id`, `unknown transformation ${id}`);
    }
  });
}

function checkOption(id: string, value: unknown, path: string, say: Say): void {
  if (id === 'unit' && !UNITS.has(String(value)) && !OWN_UNIT.test(String(value))) {
    say(path, `unknown unit ${String(value)}: Grafana would print it behind the number`);
  }
  if (id === 'color') {
    const { mode, fixedColor } = value as { mode: string; fixedColor?: string };
    known(fieldColorModeRegistry, mode, 'colour mode', `${path}.mode`, say);
    checkColour(fixedColor, `${path}.fixedColor`, say);
  }
  if (id === 'thresholds') {
    const { steps } = value as { steps: Array<{ color: string; value: number | null }> };
    steps.forEach(({ color }, at) => checkColour(color, `${path}.steps.${at}.color`, say));
    steps.slice(1).forEach(({ value: limit }, at) => {
      const before = steps[at]?.value ?? -Infinity;
      if (limit === null || limit < before) {
        say(`${path}.steps.${at + 1}.value`, 'thresholds fall');
      }
    });
  }
  if (id === 'mappings') {
    for (const colour of JSON.stringify(value).matchAll(/"color":"([^"]+)"/g)) {
      checkColour(colour[1], path, say);
    }
  }
}

function checkColour(colour: string | undefined, path: string, say: Say): void {
  if (colour !== undefined && !HUES.has(colour) && !COLOUR.test(colour)) {
    say(path, `unknown colour ${colour}`);
  }
}

function reducers({ options = {}, transformations = [] }: Panel): Record<string, string[]> {
  const { reduceOptions, legend } = options as Record<string, { calcs?: string[] } | undefined>;
  const reduced = transformations.filter(({ id }) => id === 'reduce').map((each) => each.options as { reducers?: string[] });
  return {
    'options.reduceOptions.calcs': reduceOptions?.calcs ?? [],
    'options.legend.calcs': legend?.calcs ?? [],
    transformations: reduced.flatMap((each) => each.reducers ?? []),
  };
}

function known<T extends RegistryItem>(registry: Registry<T>, id: string, what: string, path: string, say: Say): void {
  if (registry.getIfExists(id) === undefined) {
    say(path, `unknown ${what} ${id}`);
  }
}

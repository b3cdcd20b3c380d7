/** `$name`, `${name}`, `${name:format}` in titles, display names, links and texts. */

import type { DataContextScopedVar, InterpolateFunction, ScopedVars } from '@grafana/data';

import type { Chosen, PanelRange } from './model';

const PATTERN = /\$\{([\w.[\]" -]+)(?::(\w+))?\}|\$(\w+)/g;

/** Replace the dashboard's variables and what Grafana knows of a value, its field and its row; unknown ones stay. */
export function interpolation(variables: Record<string, Chosen>, range: PanelRange | undefined): InterpolateFunction {
  return (target, scoped, form) =>
    (target ?? '').replace(PATTERN, (whole: string, braced?: string, format?: string, plain?: string) => {
      const path = braced ?? plain ?? '';
      const chosen = variables[path];
      if (chosen !== undefined) {
        return (format ?? form) === 'text' ? chosen.text : chosen.value;
      }
      const found = ofTime(path, range) ?? ofScope(path, scoped);
      return found === undefined ? whole : String(found);
    });
}

function ofTime(path: string, range: PanelRange | undefined): unknown {
  if (range === undefined) {
    return undefined;
  }
  const known: Record<string, unknown> = {
    __from: range.from,
    __to: range.to,
    __url_time_range: `from=${range.from}&to=${range.to}`,
  };
  return known[path];
}

function ofScope(path: string, scoped: ScopedVars | undefined): unknown {
  const [head = '', ...rest] = path.split('.');
  const own = scoped?.[head]?.value as unknown;
  if (own !== undefined) {
    return at(own, rest);
  }
  const context = (scoped?.['__dataContext'] as DataContextScopedVar | undefined)?.value;
  if (context === undefined) {
    return undefined;
  }
  const { field, frame, rowIndex = 0, calculatedValue } = context;
  if (head === '__field') {
    return at({ name: field.state?.displayName ?? field.name, labels: field.labels }, rest);
  }
  if (head === '__value') {
    const raw: unknown = calculatedValue?.numeric ?? field.values[rowIndex];
    const shown = calculatedValue?.text ?? field.display?.(raw).text;
    return at({ raw, numeric: raw, text: shown }, rest);
  }
  if (head === '__data' && rest[0] === 'fields') {
    const name = rest.slice(1).join('.').replace(/^\["?|"?\]$/g, '');
    return frame.fields.find((each) => each.name === name)?.values[rowIndex] as unknown;
  }
  return undefined;
}

function at(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** What a person would miss in the drawn page: words that are cut off, and options for columns that are not there. */

import { getFieldDisplayName } from '@grafana/data';

import type { Prepared } from './prepare';

/** Words of a panel that reach past a box which hides them; `side` is where, `heading` whether a column is so called. */
export interface Cut {
  panel: number;
  type: string;
  text: string;
  side: 'across' | 'down';
  heading: boolean;
}

const TOLERANCE = 1.5;
/** Of a line's height above and below its letters, where nothing is to be seen. */
const EMPTY = 0.2;

/** All words of panels that cannot be read to their end. */
export function cutOff(): Cut[] {
  return [...document.querySelectorAll<HTMLElement>('section[data-panel]')].flatMap((section) => {
    const { panel, type } = section.dataset;
    return words(section).flatMap(({ text, box, parent }) => {
      const side = hidden(box, parent, section);
      const heading = parent.closest('[role=columnheader]') !== null;
      return side ? [{ panel: Number(panel), type: type ?? '', text, side, heading }] : [];
    });
  });
}

function* nodes(section: HTMLElement): Generator<Text> {
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    yield walker.currentNode as Text;
  }
}

function words(section: HTMLElement): Array<{ text: string; box: DOMRect; parent: HTMLElement }> {
  return [...nodes(section)].flatMap((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const parent = node.parentElement;
    const text = node.data.trim();
    return parent && text && box.width > 0 ? [{ text, box, parent }] : [];
  });
}

function hidden(box: DOMRect, parent: HTMLElement, section: HTMLElement): Cut['side'] | undefined {
  for (let around: HTMLElement | null = parent; around; around = around === section ? null : around.parentElement) {
    const { overflowX, overflowY, position } = getComputedStyle(around);
    const edge = around.getBoundingClientRect();
    if ((overflowX !== 'visible' || around === section) && edge.width > 0) {
      if (box.right > edge.right + TOLERANCE || box.left < edge.left - TOLERANCE) {
        return 'across';
      }
    }
    if ((overflowY !== 'visible' || around === section) && edge.height > 0) {
      const empty = box.height * EMPTY + TOLERANCE;
      if (box.bottom > edge.bottom + empty || box.top < edge.top - empty) {
        return 'down';
      }
    }
    if (position === 'fixed') {
      return undefined;
    }
  }
  return undefined;
}

/** Options by the name of a column, and renamings, that no column of the panel's answer has. */
export function unmatched({ panel, frames, fieldConfig }: Prepared, given: string[]): string[] {
  const shown = frames.flatMap((frame) => frame.fields.flatMap((field) => [field.name, getFieldDisplayName(field, frame, frames)]));
  const wanted = fieldConfig.overrides.filter(({ matcher }) => matcher.id === 'byName').map(({ matcher }) => String(matcher.options));
  const organised = (panel.transformations ?? [])
    .filter(({ id }) => id === 'organize')
    .flatMap(({ options }) => Object.values(options as Record<string, object>).flatMap((each) => Object.keys(each)));
  return [
    ...wanted.filter((name) => !shown.includes(name)).map((name) => `${panel.id}: no column ${name} for an override`),
    ...organised.filter((name) => !given.includes(name)).map((name) => `${panel.id}: no column ${name} to organise`),
  ];
}

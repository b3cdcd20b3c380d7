/** The grid of 24 columns, and the ids by which public dashboards ask for the data of a panel. */

import { allPanels, type Dashboard, type Finding, type Panel } from './model';

const COLUMNS = 24;

/** Panels outside the grid, without a size or over each other; ids that are missing or there twice. */
export function checkGrid(dashboard: Dashboard): Finding[] {
  const found: Finding[] = [];
  const say = (panel: Panel, path: string, message: string): void => {
    found.push({ check: 'grid', dashboard: dashboard.uid, panel: panel.id ?? null, path, message });
  };
  const ids = new Set<number>();
  for (const panel of allPanels(dashboard)) {
    if (!Number.isInteger(panel.id) || panel.id <= 0) {
      say(panel, 'id', 'the id is no positive whole number');
    } else if (ids.has(panel.id)) {
      say(panel, 'id', `the id ${panel.id} is there twice`);
    }
    ids.add(panel.id);
    checkPlace(panel, (path, message) => say(panel, path, message));
  }
  dashboard.panels.forEach((panel, at) => {
    for (const other of dashboard.panels.slice(0, at)) {
      if (overlap(panel, other)) {
        say(panel, 'gridPos', `lies over panel ${other.id}`);
      }
    }
  });
  return found;
}

function checkPlace({ gridPos }: Panel, say: (path: string, message: string) => void): void {
  const { x, y, w, h } = gridPos;
  if (![x, y, w, h].every(Number.isInteger) || x < 0 || y < 0 || w <= 0 || h <= 0) {
    say('gridPos', 'place and size are whole numbers, the size positive');
  }
  if (x + w > COLUMNS) {
    say('gridPos', `reaches column ${x + w} of ${COLUMNS}`);
  }
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

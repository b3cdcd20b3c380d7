/** What is checked, and what was found. */

export interface Override {
  matcher: { id: string; options?: unknown };
  properties: Array<{ id: string; value?: unknown }>;
}

export interface Panel {
  id: number;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  options?: Record<string, unknown>;
  fieldConfig?: { defaults: Record<string, unknown>; overrides: Override[] };
  transformations?: Array<{ id: string; options?: unknown }>;
  panels?: Panel[];
}

export interface Dashboard {
  uid: string;
  panels: Panel[];
}

/** A fault: which check found it, where (a dashboard's uid, a panel's id, a path inside), and what is wrong. */
export interface Finding {
  check: 'types' | 'ids' | 'grid';
  dashboard: string;
  panel: number | null;
  path: string;
  message: string;
}

/** All panels of a dashboard, those of rows that are shut too. */
export function allPanels(dashboard: Dashboard): Panel[] {
  return dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

/** The page of a dashboard: a line with its title, variables, links and time, and the grid of panels. */

import { createTheme, dateTimeFormat, ThemeContext } from '@grafana/data';
import { Icon, LinkButton, useTheme2 } from '@grafana/ui';

import type { Drawing } from './model';
import { Panel } from './panel';
import { type Prepared, timeZoneOf } from './prepare';

const COLUMNS = 24;
const CELL = 30;
const GAP = 8;
const MARGIN = 16;
const LINE = { display: 'flex', alignItems: 'center', gap: GAP * 2, padding: `${GAP}px ${MARGIN}px`, whiteSpace: 'nowrap' } as const;
/** Grafana's word for a variable that no reader sees. */
const HIDDEN = 2;

interface Props {
  drawing: Drawing;
  prepared: Prepared[];
  width: number;
}

export function Page({ drawing, prepared, width }: Props) {
  return (
    <ThemeContext.Provider value={createTheme({ colors: { mode: drawing.theme } })}>
      <Head drawing={drawing} />
      <Grid prepared={prepared} width={width - 2 * MARGIN} />
    </ThemeContext.Provider>
  );
}

function Head({ drawing }: { drawing: Drawing }) {
  const theme = useTheme2();
  const { dashboard, ranges } = drawing;
  const timeZone = timeZoneOf(dashboard);
  const format = (at: number): string => dateTimeFormat(at, { timeZone, format: 'DD/MM/YYYY HH:mm' });
  const first = ranges[0];
  return (
    <header style={{ background: theme.colors.background.primary, borderBottom: `1px solid ${theme.colors.border.weak}` }}>
      <div style={LINE}>
        <strong style={{ flex: 1, fontSize: theme.typography.h3.fontSize }}>{dashboard.title}</strong>
        {(dashboard.links ?? []).map((link) => (
          <LinkButton key={link.title} size="sm" variant="secondary" href="#" icon="external-link-alt">
            {link.title}
          </LinkButton>
        ))}
        {first && (
          <span>
            <Icon name="clock-nine" /> {format(first.from)} – {format(first.to)}
          </span>
        )}
      </div>
      <Variables drawing={drawing} />
    </header>
  );
}

function Variables({ drawing: { dashboard, variables } }: { drawing: Drawing }) {
  const theme = useTheme2();
  const shown = (dashboard.templating?.list ?? []).filter((each) => each.hide !== HIDDEN);
  const box = { display: 'flex', border: `1px solid ${theme.colors.border.medium}`, borderRadius: theme.shape.radius.default };
  return shown.length === 0 ? null : (
    <div style={{ ...LINE, paddingTop: 0 }}>
      {shown.map(({ name, label }) => (
        <span key={name} style={box}>
          <span style={{ padding: '4px 8px', background: theme.colors.background.secondary }}>{label ?? name}</span>
          <span style={{ padding: '4px 8px' }}>{variables[name]?.text ?? '–'}</span>
        </span>
      ))}
    </div>
  );
}

function Grid({ prepared, width }: { prepared: Prepared[]; width: number }) {
  const column = (width + GAP) / COLUMNS;
  const bottom = Math.max(0, ...prepared.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h));
  return (
    <main style={{ position: 'relative', margin: `0 ${MARGIN}px`, padding: `${MARGIN}px 0`, height: bottom * (CELL + GAP) - GAP + 2 * MARGIN }}>
      {prepared.map((each) => {
        const { x, y, w, h } = each.panel.gridPos;
        const box = { left: x * column, top: MARGIN + y * (CELL + GAP), width: w * column - GAP, height: h * (CELL + GAP) - GAP };
        return (
          <section key={each.panel.id} data-panel={each.panel.id} data-type={each.panel.type} style={{ position: 'absolute', ...box }}>
            <Panel prepared={each} width={box.width} height={box.height} />
          </section>
        );
      })}
    </main>
  );
}

/** The page's two calls for Python: which ranges to ask, and draw what was answered. */

import { createTheme, ThemeContext } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { GlobalStyles } from '@grafana/ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';
import 'uplot/dist/uPlot.min.css';

import { cutOff, unmatched } from './look';
import { type Drawing, panels } from './model';
import { Page } from './page';
import { prepare, ranges, timeZoneOf } from './prepare';
import { initialise, setDateFormats } from './standard';
import { interpolation } from './variables';

declare global {
  interface Window {
    caseclock: { ranges: typeof ranges; draw: typeof draw; cutOff: typeof cutOff };
  }
}

const FACES = ['400 14px Inter', '500 14px Inter'];

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`the page has no element ${id}`);
  }
  return found;
}

/**
 * Styles and letters first: what is measured before they are there gets other sizes.
 * Gives what options of the dashboard found nothing to apply to.
 */
async function draw(drawing: Drawing): Promise<string[]> {
  setDateFormats(drawing.dateFormats);
  const theme = createTheme({ colors: { mode: drawing.theme } });
  flushSync(() => {
    createRoot(element('styles')).render(
      <ThemeContext.Provider value={theme}>
        <GlobalStyles />
      </ThemeContext.Provider>
    );
  });
  await Promise.all(FACES.map((face) => document.fonts.load(face, 'Hồ sơ')));
  const timeZone = timeZoneOf(drawing.dashboard);
  const prepared = await Promise.all(
    panels(drawing.dashboard).map((panel) => {
      const asked = drawing.ranges.find(({ id }) => id === panel.id) ?? { id: panel.id, from: 0, to: 0, interval: 1 };
      const replace = interpolation(drawing.variables, asked);
      return prepare(panel, drawing.frames[panel.id] ?? [], asked, timeZone, theme, replace);
    })
  );
  createRoot(element('page')).render(
    <StrictMode>
      <Page drawing={drawing} prepared={prepared} width={document.documentElement.clientWidth} />
    </StrictMode>
  );
  await settled();
  return prepared.flatMap((each) => {
    const rows = drawing.frames[each.panel.id] ?? [];
    return unmatched(each, rows.flatMap((frame) => frame.fields.map((field) => field.name)));
  });
}

/** Two frames after the last change of the page. */
async function settled(): Promise<void> {
  let last = performance.now();
  const observer = new MutationObserver(() => {
    last = performance.now();
  });
  observer.observe(document.body, { attributes: true, characterData: true, childList: true, subtree: true });
  const quiet = 200;
  while (performance.now() - last < quiet) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  observer.disconnect();
}

initialise();
await initPluginTranslations('grafana');
window.caseclock = { ranges, draw, cutOff };

/** Runs before all else: the language that Grafana's packages ask a browser for, which Node 20 is not. */

import { createRequire } from 'node:module';

const language = { language: 'en-US', languages: ['en-US'] };
const scope = globalThis as { navigator?: unknown; require?: unknown };
scope.navigator ??= language;

/** For the packages that are not written as modules. */
export const require = createRequire(import.meta.url);

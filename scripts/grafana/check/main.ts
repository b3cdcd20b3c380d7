/** `node main.js FOLDER`: dashboards as JSON on standard input, findings as JSON on standard output. */

import { readFileSync } from 'node:fs';

import { checkGrid } from './grid';
import { checkIds } from './ids';
import type { Dashboard } from './model';
import { checkTypes } from './types';

const [folder = '.'] = process.argv.slice(2);
const dashboards = JSON.parse(readFileSync(0, 'utf8')) as Dashboard[];
const found = [...checkTypes(dashboards, folder), ...dashboards.flatMap((each) => [...checkIds(each), ...checkGrid(each)])];
process.stdout.write(JSON.stringify(found));

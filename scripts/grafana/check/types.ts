/** Strict types: each dashboard and each panel must satisfy the types of json.ts; by TypeScript's own compiler. */

import ts from 'typescript';

import { allPanels, type Dashboard, type Finding } from './model';

interface Part {
  dashboard: string;
  panel: number | null;
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  preserveSymlinks: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

/** Faults of types, names of keys and words of enumerations. `folder` is where our sources and packages are. */
export function checkTypes(dashboards: Dashboard[], folder: string): Finding[] {
  const parts: Part[] = [];
  const lines = ["import type { DashboardJson, PanelJson, RowJson } from './check/json';"];
  for (const dashboard of dashboards) {
    const { panels: _, ...rest } = dashboard;
    lines.push(`export const part${parts.length} = ${JSON.stringify(rest)} satisfies DashboardJson;`);
    parts.push({ dashboard: dashboard.uid, panel: null });
    for (const panel of allPanels(dashboard)) {
      const type = panel.type === 'row' ? 'RowJson' : `PanelJson<${JSON.stringify(panel.type)}>`;
      lines.push(`export const part${parts.length} = ${JSON.stringify(panel)} satisfies ${type};`);
      parts.push({ dashboard: dashboard.uid, panel: panel.id });
    }
  }
  return diagnostics(`${folder}/dashboards.ts`, lines.join('\n')).map((found) => finding(found, parts));
}

function diagnostics(name: string, content: string): readonly ts.Diagnostic[] {
  const host = ts.createCompilerHost(OPTIONS, true);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === name || fileExists.call(host, file);
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, content, ts.ScriptTarget.ES2022, true) : getSourceFile.call(host, file, ...rest);
  const program = ts.createProgram([name], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program);
}

function finding(found: ts.Diagnostic, parts: Part[]): Finding {
  const message = ts.flattenDiagnosticMessageText(found.messageText, ' ');
  const { file, start } = found;
  const where = file && start !== undefined ? located(file, start) : undefined;
  const part = where && parts[where.part];
  if (!part) {
    throw new Error(`the types cannot be read: ${file?.fileName ?? ''} ${message}`);
  }
  return { check: 'types', ...part, path: where.path, message: message.split(' Type ')[0] ?? message };
}

/** Which of the parts a place in the module belongs to (line 0 is the import), and the path of keys down to it. */
function located(file: ts.SourceFile, start: number): { part: number; path: string } {
  const keys: string[] = [];
  const walk = (node: ts.Node): void => {
    if (node.getFullStart() > start || node.getEnd() < start) {
      return;
    }
    if (ts.isPropertyAssignment(node)) {
      keys.push(node.name.getText(file).replace(/^"|"$/g, ''));
    } else if (ts.isArrayLiteralExpression(node.parent)) {
      keys.push(String(node.parent.elements.indexOf(node as ts.Expression)));
    }
    ts.forEachChild(node, walk);
  };
  ts.forEachChild(file, walk);
  return { part: file.getLineAndCharacterOfPosition(start).line - 1, path: keys.join('.') };
}

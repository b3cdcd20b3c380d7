/** A text: Markdown as Grafana renders and cleans it. */

import { renderTextPanelMarkdown } from '@grafana/data';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';

import type { Sized } from './sized';

export function Text({ prepared, width, height }: Sized) {
  const { content } = prepared.options as unknown as Options;
  const html = renderTextPanelMarkdown(prepared.replace(content), {});
  return (
    <div className="markdown-html" style={{ width, height, overflow: 'auto' }} dangerouslySetInnerHTML={{ __html: html }} />
  );
}

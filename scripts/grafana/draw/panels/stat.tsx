/** A stat: Grafana's BigValue for each value, laid out by its VizRepeater. */

import { type DisplayValueAlignmentFactors, type FieldDisplay, getDisplayValueAlignmentFactors, getFieldDisplayValues } from '@grafana/data';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import { BigValue, BigValueGraphMode, type BigValueColorMode, type BigValueJustifyMode, type BigValueTextMode, useTheme2, VizRepeater } from '@grafana/ui';

import type { Sized } from './sized';

const GAP = 3;

export function Stat({ prepared, width, height }: Sized) {
  const theme = useTheme2();
  const options = prepared.options as unknown as Options;
  const values = (): FieldDisplay[] =>
    getFieldDisplayValues({
      fieldConfig: prepared.fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables: prepared.replace,
      theme,
      data: prepared.frames,
      sparkline: options.graphMode !== BigValueGraphMode.None,
      percentChange: options.showPercentChange,
      timeZone: prepared.timeZone,
    });
  return (
    <VizRepeater<FieldDisplay, DisplayValueAlignmentFactors>
      getValues={values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={prepared.frames}
      renderCounter={0}
      width={width}
      height={height}
      itemSpacing={GAP}
      autoGrid
      orientation={options.orientation}
      renderValue={({ value, alignmentFactors, width: w, height: h, count }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          count={count}
          colorMode={options.colorMode as unknown as BigValueColorMode}
          graphMode={options.graphMode as unknown as BigValueGraphMode}
          justifyMode={options.justifyMode as unknown as BigValueJustifyMode}
          textMode={options.textMode as unknown as BigValueTextMode}
          alignmentFactors={alignmentFactors}
          text={options.text}
          percentChangeColorMode={options.percentChangeColorMode}
          disableWideLayout={!options.wideLayout}
          hasLinks={value.hasLinks}
          width={w}
          height={h}
          theme={theme}
        />
      )}
    />
  );
}

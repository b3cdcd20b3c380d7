/** A bar gauge: Grafana's BarGauge for each value, laid out by its VizRepeater. */

import { type DisplayValueAlignmentFactors, type FieldDisplay, getDisplayValueAlignmentFactors, getFieldDisplayValues, VizOrientation } from '@grafana/data';
import { BarGaugeDisplayMode, BarGaugeSizing } from '@grafana/schema';
import { defaultOptions, type Options } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import { BarGauge, useTheme2, VizRepeater } from '@grafana/ui';

import type { Sized } from './sized';

const GAP = 10;
const GAP_OF_LCD = 2;

export function Bars({ prepared, width, height }: Sized) {
  const theme = useTheme2();
  const options = prepared.options as unknown as Options;
  const sizes = options.sizing === BarGaugeSizing.Manual ? options : (defaultOptions as Options);
  const gap = options.displayMode === BarGaugeDisplayMode.Lcd ? GAP_OF_LCD : GAP;
  const values = (): FieldDisplay[] =>
    getFieldDisplayValues({
      fieldConfig: prepared.fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables: prepared.replace,
      theme,
      data: prepared.frames,
      timeZone: prepared.timeZone,
    });
  const lying = options.orientation === VizOrientation.Auto ? (width > height ? VizOrientation.Vertical : VizOrientation.Horizontal) : options.orientation;
  return (
    <VizRepeater<FieldDisplay, DisplayValueAlignmentFactors>
      getValues={values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={prepared.frames}
      renderCounter={0}
      width={width}
      height={height}
      itemSpacing={gap}
      minVizWidth={sizes.minVizWidth}
      minVizHeight={sizes.minVizHeight}
      maxVizHeight={sizes.maxVizHeight}
      orientation={lying}
      renderValue={({ value, alignmentFactors, width: w, height: h, orientation }) => (
        <BarGauge
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          text={options.text}
          displayMode={options.displayMode}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
          showUnfilled={options.showUnfilled}
          alignmentFactors={alignmentFactors}
          orientation={orientation}
          itemSpacing={gap}
          width={w}
          height={h}
          theme={theme}
        />
      )}
    />
  );
}

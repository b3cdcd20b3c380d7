/** Says that a panel has nothing to show: its `noValue`, or Grafana's "No data". */

import { useTheme2 } from '@grafana/ui';

import type { Prepared } from './prepare';

export function NoData({ fieldConfig }: Prepared) {
  const theme = useTheme2();
  return (
    <div
      data-no-data
      style={{
        display: 'flex',
        height: '100%',
        alignItems: 'center',
        justifyContent: 'center',
        color: theme.colors.text.secondary,
        fontSize: theme.typography.size.lg,
      }}
    >
      {fieldConfig.defaults.noValue ?? 'No data'}
    </div>
  );
}

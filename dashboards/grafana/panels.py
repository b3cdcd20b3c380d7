"""The four kinds of panels that Caseclock uses. Each has a title, a description, a unit and words where it is empty.

A panel is asked once: its SQL gives a table, or a series whose first column is ``time``; `Column` says how each column
is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeVar

from grafana_foundation_sdk.builders import bargauge as sdk_bargauge
from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.builders import stat as sdk_stat
from grafana_foundation_sdk.builders import table as sdk_table
from grafana_foundation_sdk.builders import timeseries as sdk_timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import FieldColorModeId, Threshold, ThresholdsMode
from grafana_foundation_sdk.models.dashboard import Panel as PanelModel

from dashboards.grafana.columns import Column
from dashboards.grafana.names import DATA_SOURCE, DATA_SOURCE_TYPE
from dashboards.grafana.query import Shape, Target

Panel = Builder[PanelModel]
SOURCE: Final = kinds.DataSourceRef(DATA_SOURCE_TYPE, DATA_SOURCE)
DAY: Final = "1d"
_NEUTRAL: Final = ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([Threshold(None, "text")])
"""What has no limits has no colour: Grafana's own default turns red from 80 on."""
_Asked = TypeVar("_Asked", sdk_stat.Panel, sdk_bargauge.Panel, sdk_table.Panel, sdk_timeseries.Panel)


def _asked(
    panel: _Asked, about: tuple[str, str, str], columns: Sequence[Column], empty: str, *, named: bool = True
) -> _Asked:
    """What all panels with a query have: about is title, description and SQL."""
    title, description, sql = about
    shape: Shape = "timeseries" if isinstance(panel, sdk_timeseries.Panel) else "table"
    asked = panel.title(title).description(description).datasource(SOURCE).with_target(Target(sql, shape))
    asked = asked.unit("locale").no_value(empty).thresholds(_NEUTRAL)
    drawn = isinstance(panel, sdk_table.Panel | sdk_timeseries.Panel)
    for column in columns:
        properties = column.properties(named=named)
        if not drawn:  # these are options of columns of tables and of lines only
            properties = [each for each in properties if not each.id_val.startswith("custom.")]
        asked = asked.override_by_name(column.name, properties)
    return asked


def stat(
    title: str,
    description: str,
    sql: str,
    columns: Sequence[Column],
    *,
    empty: str,
    coloured: Literal["value", "background", "background_solid", "none"] = "none",
    across: bool = True,
    value_size: int | None = None,
) -> Panel:
    """Big numbers: one for each numeric column of an answer's only row.

    Args:
        title: what is asked.
        description: formula, n and age.
        sql: gives one row.
        columns: how each is shown.
        empty: words where there is nothing.
        coloured: what is behind the number, by its thresholds or mapping: text on it is readable in both themes.
        across: beside each other; else below each other.
        value_size: pixels; None: as large as fits.
    """
    size = common.VizTextDisplayOptions().title_size(16)
    return (
        _asked(sdk_stat.Panel(), (title, description, sql), columns, empty)
        .graph_mode(kinds.BigValueGraphMode.NONE)
        .color_mode(kinds.BigValueColorMode(coloured))
        .text_mode(
            kinds.BigValueTextMode.VALUE_AND_NAME if len(columns) > 1 else kinds.BigValueTextMode.VALUE
        )
        .orientation(kinds.VizOrientation.VERTICAL if across else kinds.VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields(""))
        .text(size.value_size(value_size) if value_size else size)
    )


def bars(
    title: str,
    description: str,
    sql: str,
    columns: Sequence[Column],
    *,
    empty: str,
    by_row: bool = False,
    above: bool = False,
    value_size: int | None = None,
) -> Panel:
    """Bars beside numbers: one for each numeric column of the only row, or one for each row.

    Args:
        title: what is asked.
        description: formula, n and age.
        sql: by row: a column of text (the bar's name) and one number.
        columns: how each is shown.
        empty: words where there is nothing.
        by_row: a bar for each row.
        above: names stand above their bars: room for long ones.
        value_size: pixels; None: as large as fits.
    """
    size = common.VizTextDisplayOptions().title_size(13)
    return (
        _asked(sdk_bargauge.Panel(), (title, description, sql), columns, empty, named=not by_row)
        .min(0)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .value_mode(kinds.BarGaugeValueMode.TEXT)
        .name_placement(kinds.BarGaugeNamePlacement.TOP if above else kinds.BarGaugeNamePlacement.LEFT)
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .sizing(kinds.BarGaugeSizing.AUTO)
        .min_viz_height(16)
        .max_viz_height(60)
        .reduce_options(
            common.ReduceDataOptions().calcs(["lastNotNull"]).values(by_row).limit(50).fields("")
            if by_row
            else common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")
        )
        .text(size.value_size(value_size) if value_size else size)
    )


def table(
    title: str,
    description: str,
    sql: str,
    columns: Sequence[Column],
    *,
    empty: str,
    sort: tuple[str, bool] | None = None,
) -> Panel:
    """Rows; every column sortable.

    Args:
        title: what is asked.
        description: formula, n and age.
        sql: as many rows as a reader reads.
        columns: how each is shown.
        empty: words where there is nothing.
        sort: title of a column, and whether the greatest comes first; None: as SQL says.
    """
    panel = (
        _asked(sdk_table.Panel(), (title, description, sql), columns, empty)
        .show_header(True)
        .cell_height(kinds.TableCellHeight.SM)
    )
    if sort is not None:
        panel = panel.sort_by([common.TableSortByFieldState().display_name(sort[0]).desc(sort[1])])
    return panel


def series(
    title: str,
    description: str,
    sql: str,
    columns: Sequence[Column],
    *,
    empty: str,
    look: Literal["line", "bars", "stacked"] = "line",
    interval: str = DAY,
    bridged: bool = False,
) -> Panel:
    """Numbers over time.

    Args:
        title: what is asked.
        description: formula, n and age.
        sql: first column ``time``, ascending; one column for each line, or one ``Value`` and a column of text.
        columns: how each is shown.
        empty: words where there is nothing.
        look: lines, bars, or bars upon each other.
        interval: the grain of the data, which no zoom goes below.
        bridged: lines go on over days without a row.
    """
    panel = (
        _asked(sdk_timeseries.Panel(), (title, description, sql), columns, empty)
        .interval(interval)
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(kinds.LegendDisplayMode.LIST)
            .placement(kinds.LegendPlacement.BOTTOM)
            .calcs([])
        )
        .tooltip(common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.NONE))
        .color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))
        .span_nulls(bridged)
        .show_points(kinds.VisibilityMode.AUTO)
        .line_width(2)
        .fill_opacity(0 if look == "line" else 80)
        .draw_style(kinds.GraphDrawStyle.LINE if look == "line" else kinds.GraphDrawStyle.BARS)
        .axis_grid_show(True)
    )
    if look == "stacked":
        panel = panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A"))
    return panel

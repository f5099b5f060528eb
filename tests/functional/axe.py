"""What axe-core complains of on a page, and whether the page scrolls sideways."""

import json
from pathlib import Path

_SOURCE = (Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text()
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_EVERYTHING = {"runOnly": {"type": "tag", "values": _TAGS}}
# The other theme changes colours and nothing else.
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Each width, and how it is judged there: in which theme, by what.
_LOOKS = {
    1440: (("light", _EVERYTHING), ("dark", _COLOURS)),
    768: (),
    390: (("dark", _COLOURS), ("light", _EVERYTHING)),
}
# The link of a row covers it whole, and what closes is not looked at: axe sees no colour there.
_UNCOVER = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".row-link::after{content:none!important}*{transition:none!important}");
  document.adoptedStyleSheets = [sheet];
  for (const one of document.querySelectorAll("details:not(.menu)")) one.open = true;
}"""
# A table may be cut by the card it stands in, and then nothing scrolls. A drawing may shrink its
# words until nobody reads them.
_MEASURE = """() => {
  const scrolls = document.scrollingElement.scrollWidth > innerWidth;
  const cut = [...document.querySelectorAll("table")].filter((one) =>
    getComputedStyle(one.parentElement).overflowX === "hidden" &&
    one.offsetWidth > one.parentElement.clientWidth);
  const tiny = [...document.querySelectorAll("svg text")].filter((one) => {
    const tall = one.getBoundingClientRect().height;
    return tall > 0 && tall < 11;
  });
  return (scrolls ? ["scrolls sideways"] : []).concat(
    cut.map((one) => `cut: ${one.textContent.trim().slice(0, 40)}`),
    tiny.map((one) => `too small to read: ${one.textContent}`));
}"""
_JUDGE = """async (options) => {
  const found = await axe.run(document, {...options, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ` +
      node.any.concat(node.all, node.none).map((check) => check.message).join(" ")));
}"""


def bring(context) -> None:
    """Have each page of a context hold axe, for many pages: its 650 kB are carried once."""
    context.add_init_script(f"if (window === top) {{ {_SOURCE} }}")


def complaints(tab) -> list[str]:
    """Judge the page that a tab shows, wide and narrow, by day and by night."""
    if not tab.evaluate("() => Boolean(window.axe)"):
        # Evaluated rather than added to the page: its policy runs no script of a stranger.
        tab.evaluate(f"() => {{ {_SOURCE} }}")
    tab.evaluate(_UNCOVER)
    return [one for width in _LOOKS for one in _at(tab, width)]


def _at(tab, width: int) -> list[str]:
    tab.set_viewport_size({"width": width, "height": 900})
    found = [f"{width} px: {one}" for one in tab.evaluate(_MEASURE)]
    for theme, options in _LOOKS[width]:
        tab.emulate_media(color_scheme=theme)
        found += [f"{width} px, {theme}: {one}" for one in tab.evaluate(_JUDGE, options)]
    return found


def told(found: dict[str, list[str]]) -> str:
    """Write complaints so that a failing test is read without scrolling for hours."""
    return json.dumps(found, indent=1, ensure_ascii=False)

"""The style sheet: one column on a phone, pairs of charts on a desk, black on white on paper."""

from __future__ import annotations

from api.outputs.html.look import DARK, LIGHT

PAPER = {
    "bg": "#ffffff", "card": "#f5f7f9", "ink": "#17212b", "soft": "#55626f", "line": "#d9e0e6", "land": "#eef0ec", "near": "#f8f9f7",
    "edge": "#c9cec6", "halo": "#ffffff", "over": "rgba(255,255,255,.55)", "accent": "#1d5c96", "bar": "#d3e1ef",
}  # fmt: skip
NIGHT = {
    "bg": "#12171d", "card": "#1b222a", "ink": "#e8edf2", "soft": "#a3b0bd", "line": "#313b46", "land": "#242c35", "near": "#171d24",
    "edge": "#414c58", "halo": "#12171d", "over": "rgba(0,0,0,.5)", "accent": "#7db7ee", "bar": "#2b435c",
}  # fmt: skip


def _variables(*tables: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for table in tables for name, value in table.items())


RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;scroll-behavior:smooth}
body{margin:0;background:var(--bg);color:var(--ink);
 font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main,nav,header,footer{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.2rem}
h1{font-size:clamp(1.6rem,4vw,2.4rem);line-height:1.15;margin:0 0 .6rem;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.45rem;margin:3rem 0 .7rem;padding-top:1rem;border-top:2px solid var(--line);letter-spacing:-.01em}
main>section:first-child>h2{margin-top:1.2rem;border-top:0}
h3{font-size:1.08rem;margin:1.9rem 0 .4rem}
p{margin:.45rem 0 .8rem;max-width:52rem;overflow-wrap:anywhere}
.lead{font-size:1.2rem;line-height:1.45;max-width:56rem}
.note{color:var(--soft);font-size:.9rem}
a{color:var(--accent)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:.6rem 0;margin:1rem 0 0;
 border-block:1px solid var(--line);font-size:.92rem}
.seals{display:flex;flex-wrap:wrap;gap:.5rem;max-width:none}
.seal{border:1px solid var(--line);border-radius:1rem;padding:.12rem .8rem .12rem .3rem;font-size:.88rem;background:var(--card)}
.seal b{display:inline-block;width:1.35rem;text-align:center}
.seal.ok b{color:var(--green)}.seal.so b{color:var(--gold)}.seal.bad{border-color:var(--red)}.seal.bad b{color:var(--red)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(15.5rem,1fr));gap:.8rem;margin:1rem 0 1.4rem}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.75rem .9rem}
.tiles dt{font-size:.84rem;color:var(--soft)}.tiles dd{margin:0}
.tiles b{display:block;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.tiles span{font-size:.8rem;color:var(--soft);line-height:1.35;display:block}
.points{padding-left:1.1rem;max-width:60rem}.points li{margin:.35rem 0}
ul{padding-left:1.2rem}li{overflow-wrap:anywhere}
.wide{overflow-x:auto;margin:.5rem 0 1rem}
table{border-collapse:collapse;min-width:min(100%,38rem);font-size:.88rem;line-height:1.4}
th,td{padding:.32rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);min-width:4.2rem}
td{overflow-wrap:break-word}
thead th{font-size:.8rem;color:var(--soft);font-weight:600;vertical-align:bottom;border-bottom:2px solid var(--line)}
tbody th{font-weight:600;min-width:8.5rem}
.n{text-align:right;font-variant-numeric:tabular-nums}tbody .n,.k{white-space:nowrap}
.sum th,.sum td{font-weight:700;border-top:2px solid var(--line)}
.bar{position:relative;display:block;min-width:6.5rem;padding:0 .3rem}
.bar i{position:absolute;inset:.1rem 0 .1rem auto;background:var(--bar);border-radius:.15rem}
.bar b{position:relative;font-weight:500}
details{margin:.3rem 0 .8rem}summary{cursor:pointer;color:var(--accent);font-size:.9rem;width:fit-content}
figure{margin:.8rem 0 1.2rem;min-width:0}figcaption{font-size:.92rem;margin-bottom:.2rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1rem;padding:0;margin:.1rem 0 .2rem;font-size:.82rem;color:var(--soft)}
.keys{display:flex;flex-wrap:wrap;gap:0 1.5rem}
.key svg{vertical-align:-1px;margin-right:.35rem}
svg{display:block;max-width:100%}.key svg{display:inline-block}.defs{position:absolute}
svg.chart{width:100%;height:auto;max-width:37rem}
svg.map{width:100%;height:auto;background:var(--bg);border:1px solid var(--line);border-radius:.5rem}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--soft);
 font-variant-numeric:tabular-nums}
.grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}
.over{stroke:var(--over);stroke-width:2.2;stroke-linecap:round;fill:none}
.tip{fill:transparent}.tip:hover{fill:var(--ink);fill-opacity:.07}
.line0,.line1{fill:none;stroke:var(--ink);stroke-width:2.2}.line1{stroke:var(--soft);stroke-dasharray:5 4}
.land{fill:var(--land);stroke:var(--edge);stroke-width:.7}.near{fill:var(--near);stroke:var(--edge);stroke-width:.5}
.pie,.pie path{stroke:var(--halo);stroke-width:1.2}
.shut{fill:var(--bg);stroke:var(--soft);stroke-width:1.6}.dots{stroke:var(--soft);stroke-width:4;stroke-linecap:round;fill:none}
.cross{stroke:var(--red);stroke-width:2;fill:none}
.lead-line,.map .lead{stroke:var(--soft);stroke-width:.8;fill:none}
.map .name,.map .what,.map .tag{paint-order:stroke;stroke:var(--halo);stroke-width:3px;stroke-linejoin:round}
.map .name{font-size:13px;font-weight:650;fill:var(--ink)}.map .what{font-size:11.5px}
.map .tag{font-size:26px;font-weight:700;fill:var(--ink);stroke-width:6px}
.years{display:grid;grid-template-columns:repeat(auto-fit,minmax(12.5rem,1fr));gap:.8rem}
.years figure{margin:0}.years figcaption{font-size:.84rem;color:var(--soft)}
.small{display:none}
footer{margin:3rem auto 2rem;color:var(--soft);font-size:.8rem}footer p{max-width:none}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:46rem){.pair{grid-template-columns:minmax(0,1fr)}.big{display:none!important}.small{display:block}
 body{font-size:15px}.tiles{grid-template-columns:1fr 1fr;gap:.5rem}.tiles b{font-size:1.2rem}.tiles div{padding:.55rem .65rem}
 main,nav,header,footer{padding:0 .9rem}header{padding-top:1.3rem}.years{grid-template-columns:1fr 1fr}}
@media print{@page{margin:14mm}html{font-size:12px}body{font-size:9.5pt}.tiles,.years{grid-template-columns:repeat(4,1fr)}
 nav{display:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
 h2{break-after:avoid;margin-top:1.4rem}h3,.note,summary{break-after:avoid}
 figure,.tiles div,tr{break-inside:avoid}.wide{overflow:visible}
 table{font-size:7.6pt}th,td{padding:.15rem .3rem;min-width:0}tbody th{min-width:5rem}.bar{min-width:3rem}
 .pair{grid-template-columns:1fr 1fr}.big{display:block!important}.small{display:none!important}
 figure>details{display:none}details::details-content{content-visibility:visible;display:block;height:auto}
 summary{list-style:none;color:inherit}}
"""

STYLE = (
    f":root{{{_variables(PAPER, LIGHT)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(NIGHT, DARK)}}}}}"
    f"@media print{{:root{{color-scheme:light}}}}{RULES}"
)

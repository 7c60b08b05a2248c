import { Markup } from './markup.ts'

/** How the page looks: light or dark as the reader likes it, on a phone, and on paper. */
export const style = new Markup(`
:root{color-scheme:light dark;--paper:#fff;--ink:#1a1d21;--soft:#555c64;--line:#d3d8dd;--box:#f4f6f8;
--ok:#17623a;--ok-box:#e4f3e9;--warn:#734900;--warn-box:#fdf0d0;--bad:#9c1d18;--bad-box:#fce6e4;--mark:#1f4fa3;--mark-box:#e3ecfb}
@media(prefers-color-scheme:dark){:root{--paper:#15181b;--ink:#e6e9ec;--soft:#a6aeb6;--line:#3a4148;--box:#1e2327;
--ok:#86d8a5;--ok-box:#16301f;--warn:#efc46e;--warn-box:#33280a;--bad:#ffa49d;--bad-box:#3d1815;--mark:#9dbdf7;--mark-box:#1b2a45}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:76rem;margin:0 auto;padding:1.5rem 1.25rem 3rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1.1rem;margin:2.25rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:.95rem;margin:1.25rem 0 .4rem}
p{margin:.3rem 0}
.verdict{padding:.7rem 1rem;border-left:.4rem solid;border-radius:.25rem;font-size:1.05rem;font-weight:600;overflow-wrap:anywhere}
.verdict small{display:block;font-size:.85rem;font-weight:400}
.ok{color:var(--ok);background:var(--ok-box)}.warn{color:var(--warn);background:var(--warn-box)}
.bad{color:var(--bad);background:var(--bad-box)}.mark{color:var(--mark);background:var(--mark-box)}
.soft{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem;margin:1rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}
.frame{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem}
th,td{padding:.3rem .65rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.tag{display:inline-block;padding:0 .45rem;border-radius:.7rem;white-space:nowrap}
.matrix th[scope=col]{vertical-align:bottom;padding:.2rem 0}
.matrix th[scope=col] span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;font-weight:500;max-height:14rem}
.matrix td{text-align:center;padding:.25rem 0;min-width:1.7rem;border-left:1px solid var(--line)}
.matrix th[scope=row]{position:sticky;left:0;background:var(--paper);color:var(--ink);min-width:8rem;max-width:16rem;overflow-wrap:anywhere;font-weight:500}
code,pre{font:.83rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{overflow-wrap:anywhere}
pre{margin:.3rem 0 .8rem;padding:.5rem .7rem;background:var(--box);border-radius:.25rem;white-space:pre-wrap;overflow-wrap:anywhere}
pre .goes{color:var(--bad)}pre .comes{color:var(--ok)}
.finding{margin:.6rem 0;padding:.5rem .8rem;border-left:.25rem solid;border-radius:.2rem}
.finding p,.finding code{color:var(--ink);overflow-wrap:anywhere;white-space:pre-line}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 1.25rem}
.chain td{padding:.12rem .65rem;border:0}.chain td.edge,.chain th:first-child{width:.3rem;min-width:.3rem;padding:0}
.chain tr.window td.edge{background:var(--mark)}
.chain tr.ours td{color:var(--mark);background:var(--mark-box);font-weight:600}
.time td{border:0;padding:.15rem .65rem}.time td.bar{width:45%;min-width:7rem}
.time .bar div{height:.7rem;min-width:2px;margin-top:.4rem;border-radius:.2rem;background:var(--mark)}
@media(max-width:600px){main{padding:1rem .8rem 2rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.45rem}
.time td.bar,.time th:nth-child(2){display:none}}
@media print{:root{font-size:11px;color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--box:#f4f4f4;
--ok:#17623a;--ok-box:#e4f3e9;--warn:#734900;--warn-box:#fdf0d0;--bad:#9c1d18;--bad-box:#fce6e4;--mark:#1f4fa3;--mark-box:#e3ecfb}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{font-size:1rem}main{max-width:none;padding:0}
.frame{overflow:visible}tr,.finding,h3{break-inside:avoid}h2,h3{break-after:avoid}
.matrix{width:100%;table-layout:fixed;font-size:8px}.matrix td{min-width:0;padding:.1rem 0}
.matrix th[scope=row]{position:static;width:6rem;min-width:0}}
@page{margin:14mm}`)

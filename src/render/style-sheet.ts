import { html } from './markup.ts';

/**
 * How a page looks: on a screen of any width, light or dark, and on paper. Colours are written out, since programs for
 * mail know no variables; what they do not know of the rest, the page can do without.
 */
export const STYLE_SHEET = html`<style>
:root { color-scheme: light dark; }
body { margin: 0; background: #fff; color: #1d2329; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; -webkit-text-size-adjust: 100%; overflow-wrap: anywhere; }
main { max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1, h2, h3 { line-height: 1.3; font-weight: 650; text-wrap: balance; }
h1 { margin: 0 0 1.75rem; font-size: 1.75rem; letter-spacing: -0.01em; }
h2 { margin: 2.75rem 0 1rem; padding-top: 1.25rem; border-top: 1px solid #d5dbe1; font-size: 1.25rem; }
h1 + h2 { margin-top: 0; }
h2 + h2 { margin-top: 1rem; }
h3 { margin: 2rem 0 0.75rem; font-size: 1.0625rem; }
p, dl { max-width: 50rem; }
p { margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: fit-content(13rem) 1fr; gap: 0.25rem 1.25rem; margin: 0 0 1.25rem; }
dt { grid-column: 1; color: #56616c; }
dd { grid-column: 2; margin: 0; }
pre, code { font-family: ui-monospace, "Cascadia Mono", Consolas, Menlo, "DejaVu Sans Mono", monospace; }
.curve { font-family: ui-monospace, "Cascadia Mono", Consolas, Menlo, "DejaVu Sans Mono", monospace; white-space: pre; }
pre { margin: 0; font-size: 0.8125rem; line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere; }
pre span { display: block; }
figure { margin: 0 0 1.25rem; border: 1px solid #c3ccd5; border-left: 4px solid #2f6db5; border-radius: 6px; background: #f5f8fb; }
figcaption { padding: 0.375rem 0.875rem 0; color: #56616c; font-size: 0.75rem; font-weight: 600; letter-spacing: 0.04em; }
.chart { max-width: 880px; padding: 0.75rem 0.875rem; border-left-width: 1px; border-left-color: #c3ccd5; background: #fff; }
.chart figcaption { padding: 0 0 0.5rem; color: inherit; font-size: 1rem; letter-spacing: 0; }
.chart p { margin: 0 0 0.5rem; font-size: 0.875rem; }
.chart .table { margin: 0.5rem 0 0; }
img { display: block; max-width: 100%; height: auto; }
summary { cursor: pointer; color: #56616c; font-size: 0.875rem; }
.commands { padding: 0.25rem 0.875rem 0.75rem; -webkit-user-select: all; user-select: all; }
.commands span { padding-left: 2ch; text-indent: -2ch; }
.transcript { margin-bottom: 1.5rem; }
.transcript span { padding-left: var(--head); text-indent: calc(-1 * var(--head)); }
.table { margin: 0 0 1.75rem; overflow-x: auto; background: linear-gradient(to right, #fff 50%, #fff0) left / 3rem 100% no-repeat local, linear-gradient(to left, #fff 50%, #fff0) right / 3rem 100% no-repeat local, linear-gradient(to right, #0003, #0000) left / 0.75rem 100% no-repeat scroll, linear-gradient(to left, #0003, #0000) right / 0.75rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-size: 0.875rem; line-height: 1.45; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption, .title { margin: 0; padding: 0 0 0.5rem; text-align: left; font-size: 1rem; font-weight: 650; }
caption span { display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 3rem); }
th, td { padding: 0.4rem 1.25rem 0.4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e3e7eb; }
th, td { white-space: nowrap; }
th { border-bottom-color: #b4bec8; color: #56616c; font-weight: 600; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; }
.long { min-width: 9em; white-space: normal; }
.prose, .endless { min-width: 20em; white-space: normal; }
.endless { overflow-wrap: anywhere; }
.under td { padding-top: 0; color: #56616c; white-space: normal; }
tr:has(+ .under) td { border-bottom: 0; padding-bottom: 0.1rem; }
.under span { display: inline-block; position: sticky; left: 0; max-width: min(100vw - 3rem, 73rem); overflow-wrap: anywhere; }
.wide { font-size: 0.8125rem; }
.wide th, .wide td { padding-right: 0.8em; }
.good { color: #17683d; }
.bad { color: #b3261e; font-weight: 600; }
.warning { color: #855300; }
.quiet { color: #5f6a75; }
@media (max-width: 40rem) {
main { padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.4375rem; }
dl { display: block; }
dt { margin-top: 0.5rem; font-size: 0.875rem; }
dd + dd { margin-top: 0.25rem; }
.transcript span { padding-left: 0; text-indent: 0; }
.transcript bdi { display: block; padding-left: 2ch; }
}
@media screen and (prefers-color-scheme: dark) {
body { background: #15191d; color: #dfe4e9; }
h2 { border-top-color: #343c44; }
dt, th, figcaption, summary, .under td { color: #9eaab6; }
figure { border-color: #3a444e; border-left-color: #6ca6e8; background: #1d242b; }
.chart { border-color: #3a444e; background: #15191d; }
.chart figcaption { color: inherit; }
img { filter: invert(1) hue-rotate(180deg); mix-blend-mode: screen; }
.table { background-image: linear-gradient(to right, #15191d 50%, #15191d00), linear-gradient(to left, #15191d 50%, #15191d00), linear-gradient(to right, #fff4, #fff0), linear-gradient(to left, #fff4, #fff0); }
th, td { border-bottom-color: #2b333a; }
th { border-bottom-color: #4d5863; }
.good { color: #74cf98; }
.bad { color: #ff9c93; }
.warning { color: #e8b75c; }
.quiet { color: #98a4b0; }
}
@media print {
@page { margin: 15mm; }
body { font-size: 10.5pt; }
main { max-width: none; padding: 0; }
h1, h2, h3, caption, figcaption { break-after: avoid; }
tr, tbody:has(.under), dd, pre span, img, .chart { break-inside: avoid; }
.under span { max-width: none; }
details:not([open]) { display: none; }
.table { overflow: visible; background: none; }
table { font-size: 8pt; }
caption, .title { font-size: 10.5pt; }
th, td { padding: 0.3em 0.8em 0.3em 0; }
th, .long { min-width: 0; white-space: normal; }
.prose { min-width: 14em; }
.wide { font-size: 6.5pt; }
.endless { min-width: 12em; }
.transcript { font-size: 8pt; }
}
</style>`;

"""How the report looks: one style sheet, light and dark, no script and nothing from outside."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ground: #f4f4f1; --ink: #1c1e21; --soft: #5d646d; --line: #dcdcd6;
  --source: #6b5bd2; --global: #6b5bd2; --region: #0b7a75; --segment: #b4560f; --text: #1f63c4;
  --dropped: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #1d1f23; --ground: #131417; --ink: #e9e9e6; --soft: #a2a8b0; --line: #34373d;
    --source: #a99cff; --global: #a99cff; --region: #4cc9c0; --segment: #f0a05a; --text: #7db2ff;
    --dropped: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; background: var(--ground);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
}
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
header p, .facts { color: var(--soft); margin: 0; font-size: .875rem; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 2rem;
  font-size: .875rem; }
.legend span::before { content: ""; display: inline-block; width: 1.1em; height: .8em;
  margin-right: .45em; border: 2px solid var(--kind); border-radius: 3px; vertical-align: -.05em; }
.legend .dropped::before { border-style: dashed; }
article { background: var(--paper); border: 1px solid var(--line); border-radius: 12px;
  margin: 0 0 1.5rem; overflow: hidden; display: grid; grid-template-columns: 1fr 1fr; }
@media (max-width: 52rem) { article { grid-template-columns: 1fr; } }
article > :only-child { grid-column: 1 / -1; }
figure { margin: 0; padding: 1.25rem; background: var(--ground);
  border-right: 1px solid var(--line); display: flex; justify-content: center;
  align-items: flex-start; }
.page { position: relative; width: 100%; max-width: var(--width); aspect-ratio: var(--ratio); }
.page img { width: 100%; height: 100%; display: block; border-radius: 4px;
  box-shadow: 0 1px 4px rgb(0 0 0 / .25); }
.box { position: absolute; border: 2px solid var(--kind); border-radius: 3px; }
.box.dropped { border-style: dashed; }
.box b { position: absolute; right: 100%; top: -2px; padding: 0 .3em; border-radius: 3px 0 0 3px;
  background: var(--kind); color: var(--paper); font: 600 10px/1.4 system-ui, sans-serif;
  visibility: hidden; }
.box:hover b, .box:target b, .few .box b { visibility: visible; }
.box:hover, .box:target { z-index: 1;
  background: color-mix(in srgb, var(--kind) 22%, transparent); }
.box:target { outline: 3px solid var(--kind); outline-offset: 1px; }
.source, .global { --kind: var(--global); }
.region { --kind: var(--region); }
.segment { --kind: var(--segment); }
.text { --kind: var(--text); }
.dropped { --kind: var(--dropped); }
.words { padding: 1.25rem 1.5rem 1.5rem; min-width: 0; }
h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
blockquote { margin: 1rem 0; padding: 0 0 0 1rem; border-left: 4px solid var(--global);
  font-size: 1.125rem; overflow-wrap: anywhere; }
blockquote.none { color: var(--soft); border-color: var(--line); font-size: 1rem; }
.error { color: var(--dropped); }
h3 { font-size: .8125rem; letter-spacing: .04em; text-transform: uppercase; color: var(--soft);
  margin: 1.25rem 0 .35rem; font-weight: 600; }
ol { list-style: none; margin: 0; padding: 0; font-size: .9375rem; max-height: 26rem;
  overflow: auto; }
li { display: grid; grid-template-columns: 2.2rem 1fr auto; gap: .5rem; padding: .25rem 0;
  border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
li a, li i { color: var(--kind); text-decoration: none; font-style: normal; font-weight: 600;
  font-variant-numeric: tabular-nums; }
li q { quotes: none; overflow-wrap: anywhere; }
li.dropped q { color: var(--soft); text-decoration: line-through; text-decoration-thickness: 1px; }
li small { display: block; color: var(--soft); }
li em { color: var(--soft); font-style: normal; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
"""
"""Of kept evidence the boxes are solid, in the colour of its kind; of dropped evidence dashed."""

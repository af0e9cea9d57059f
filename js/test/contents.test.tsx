import { expect, test, vi } from "vitest";
import { Contents } from "../src/contents";
import { Typesetting } from "../src/contents/math";
import type { Content } from "../src/protocol";
import { drawn, settled } from "./draw";

const PNG = "data:image/png;base64,iVBORw0KGgo=";
const prose = (text: string, markdown = false): Content => ({ kind: "prose", text, markdown });
const show = (...shows: Content[]) => drawn(<Contents shows={shows} />);
const markdown = (text: string) => show(prose(text, true));

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><script>alert(1)</script></svg>",
  "<style>body{display:none}</style>",
  '<iframe src="javascript:alert(1)"></iframe>',
  '<form action="https://evil.example"><input name=p><button>ok</button></form>',
  '<a href="javascript:alert(1)" id="jp-main" class="card" style="position:fixed">x</a>',
  "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
  "<base href=https://evil.example>",
  "[x](javascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](&#106;avascript:alert(1))",
  "[x]: javascript:alert(1)\n\n[x]",
  "![x](https://evil.example/pixel.png)",
  "![x](data:image/svg+xml;base64,PHN2Zz4=)",
  "<javascript:alert(1)>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "</section></div><script>alert(1)</script>",
  "```html\n<script>alert(1)</script>\n```",
  "| <script>a</script> |\n|--|\n| <img src=x> |",
  "{{constructor.constructor('alert(1)')()}}",
];

/** Every kind of content, with the text wherever text can stand. */
function everywhere(text: string): Content[] {
  const message = { kind: "message" as const, role: text, shows: [prose(text, true)] };
  const part = { kind: "part" as const, label: text, shows: [prose(text)] };
  return [
    prose(text),
    prose(text, true),
    { kind: "code", text, language: "html" },
    { kind: "code", text, language: text },
    { kind: "tree", text: JSON.stringify({ [text]: [text] }) },
    { kind: "tree", text },
    { kind: "grid", columns: [text], numeric: [false], ticks: [false], rows: [[text]], more: 0 },
    { kind: "image", src: text, alt: text },
    { kind: "image", src: PNG, alt: text },
    { kind: "link", url: text, label: text },
    { kind: "link", url: "https://example.com", label: text },
    { kind: "messages", messages: [message] },
    { kind: "parts", parts: [part] },
  ];
}

const ALLOWED = new Set(
  (
    "a bdi blockquote br button code col colgroup dd del div dl dt em h3 h4 h5 h6 hr img input li ol p pre s span " +
    "strong table tbody td th thead tr ul"
  ).split(" "),
);

test.each(HOSTILE)("%s makes no element, no handler and no address", (text) => {
  const { all } = show(...everywhere(text));
  for (const element of all("*")) {
    expect(ALLOWED).toContain(element.localName);
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on/);
      if (name === "href") expect(value).toMatch(/^(https?|mailto):/);
      if (name === "src") expect(value).toBe(PNG);
      if (name === "style") expect(value).toMatch(/^(width: \d+ch|height: \d+px|--level: \d+);?$/);
    }
  }
  for (const link of all("a")) expect(link.getAttribute("rel")).toBe("noopener noreferrer");
});

test("text that Markdown hides is shown as written", () => {
  expect(markdown('text\n\n[//]: # "pay twice"').texts(".raw")).toEqual(['[//]: # "pay twice"']);
});

test("HTML in Markdown is shown as written, comments too", () => {
  const { texts, mount } = markdown("a <b>x</b> <!-- pay twice --> c<br>d");
  expect(texts(".raw")).toEqual(["<b>", "</b>", "<!-- pay twice -->"]);
  expect(mount.querySelectorAll("br")).toHaveLength(1);
});

test("Markdown is drawn as headings, lists, tables and further elements", () => {
  const { texts, one, all } = markdown(
    "# T\n\n*a* **b** ~~c~~ `d`\n\n- [x] done\n- open\n\n3. three\n\n> q\n\n|h|\n|-:|\n|1|\n\n---\n\n```py\nx = 1\n```",
  );
  expect(texts("h3")).toEqual(["T"]);
  expect(texts("em, strong, s, p > code")).toEqual(["a", "b", "c", "d"]);
  expect(texts("ul li")).toEqual(["☑ done", "open"]);
  expect(one("ol").getAttribute("start")).toBe("3");
  expect(texts("blockquote")).toEqual(["q"]);
  expect(one("td").className).toBe("align-right");
  expect(texts(".language")).toEqual(["py"]);
  expect(all("hr")).toHaveLength(1);
});

test("entities are decoded once, and unknown entities stay as written", () => {
  expect(markdown("a &amp; b &hellip; &#x41; &amp;lt; &nosuch;").mount.textContent).toBe(
    "a & b … A &lt; &nosuch;",
  );
});

test("a remote image becomes a link, and an embedded image is drawn", () => {
  const { one, all } = markdown(`![chart](https://example.com/a.png) ![own](${PNG})`);
  expect(one("a").getAttribute("href")).toBe("https://example.com/a.png");
  expect(all("img").map((image) => image.getAttribute("src"))).toEqual([PNG]);
});

test("a link whose label names another host shows the real host", () => {
  const { texts } = markdown(
    "[https://bank.example](https://evil.example/x) [bank.example](https://bank.example)",
  );
  expect(texts(".host")).toEqual([" (evil.example)"]);
});

test.each([">".repeat(5_000), "1. ".repeat(3_000), "[".repeat(20_000), "*a _b ".repeat(5_000)])(
  "deeply nested Markdown is drawn, and quickly",
  (text) => {
    const start = performance.now();
    expect(markdown(text).mount.textContent).not.toBe("");
    expect(performance.now() - start).toBeLessThan(3_000);
  },
);

test("dollars in prose are no formula; formulas are", () => {
  const { texts } = markdown("$5 and $6, but $a_1 * b$ and \\(x\\)\n\n$$\nc * d * e\n$$");
  expect(texts(".math")).toEqual(["$a_1 * b$", "\\(x\\)", "$$\nc * d * e\n$$"]);
});

test("only formulas are handed to the host's LaTeX, each once", () => {
  const typeset = vi.fn();
  const shows = [prose("a $x$ b", true)];
  const { draw, mount } = drawn(null);
  const tree = () => (
    <Typesetting.Provider value={typeset}>
      <Contents shows={shows} />
    </Typesetting.Provider>
  );
  draw(tree());
  draw(tree());
  expect(typeset.mock.calls.map(([element]) => element.className)).toEqual(["math"]);
  expect(mount.textContent).toBe("a $x$ b");
});

test("of a long text the start is drawn, and a click draws all", async () => {
  const { mount, click, all } = show(prose("word ".repeat(10_000)));
  expect(mount.textContent?.length).toBeLessThan(7_000);
  await click(".show-all");
  expect(mount.textContent).toHaveLength(50_000);
  expect(all(".show-all")).toEqual([]);
});

test("of a long Markdown text the start is drawn, and a click draws all", async () => {
  const { all, click } = show(prose("# x\n".repeat(10_000), true));
  expect(all("h3").length).toBeLessThan(5_000);
  await click(".show-all");
  expect(all("h3")).toHaveLength(10_000);
});

test("a Markdown text that is too long to be parsed is shown as written", () => {
  expect(show(prose("# x\n".repeat(30_000), true)).all("h3")).toEqual([]);
});

test.each([
  ["python", "if x: # no\n  s = 'if'", ["if", "# no", "'if'"]],
  ["SQL", "SELECT 1 -- one", ["SELECT", "1", "-- one"]],
  ["json", '{"a": "b", "c": null}', ['"a"', '"b"', '"c"', "null"]],
  ["brainfuck", "if 1", []],
])("%s is coloured, and the text is unchanged", (language, text, tokens) => {
  const { texts } = show({ kind: "code", text, language });
  expect(texts("pre")).toEqual([text]);
  expect(texts("[class^=tok]")).toEqual(tokens);
});

test("a click enlarges an image, and a message replaces an image that cannot be drawn", async () => {
  const { one, click, mount } = show({ kind: "image", src: PNG, alt: "a chart" });
  expect(one("img").getAttribute("alt")).toBe("a chart");
  await click("button");
  expect(one("button").getAttribute("aria-pressed")).toBe("true");
  await settled(() => one("img").dispatchEvent(new Event("error")));
  expect(mount.textContent).toContain("cannot be shown");
});

test("a conversation names the speaker of each message", () => {
  const { texts } = show({
    kind: "messages",
    messages: [
      { kind: "message", role: "human", shows: [prose("hi")] },
      { kind: "message", role: "ai", shows: [prose("**yes**", true)] },
    ],
  });
  expect(texts(".role")).toEqual(["human", "ai"]);
  expect(texts(".message strong")).toEqual(["yes"]);
});

/** The style sheets: each class in a single file, sizes from the tokens. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const FOLDER = join(__dirname, "..", "src", "style");
const SHEETS = readdirSync(FOLDER).map((name) => ({
  name,
  text: readFileSync(join(FOLDER, name), "utf8").replace(/\/\*[\s\S]*?\*\//g, ""),
}));

/** Classes that a rule draws in any place: the only class of a selector without an ancestor. */
function definedIn(css: string): Set<string> {
  const selectors = [...css.matchAll(/([^{};]+)\{/g)].flatMap(([, list = ""]) => split(list));
  const alone = selectors.filter((one) => !/[\s>+~]/.test(one) && !one.startsWith("@"));
  const classes = alone.map((one) =>
    [...unwrapped(one).matchAll(/\.([\w-]+)/g)].map(([, name = ""]) => name),
  );
  return new Set(classes.flatMap((names) => (names.length === 1 ? names : [])));
}

/** The selectors of a list; the selectors in a leading `:is()` are taken separately. */
function split(list: string): string[] {
  const parts = list.split(/,(?![^(]*\))/).map((one) => one.trim());
  return parts.flatMap((one) => {
    const [, inner, rest = ""] = /^:is\(([^()]*)\)(.*)$/s.exec(one) ?? [];
    return inner === undefined ? [one] : inner.split(",").map((each) => each.trim() + rest);
  });
}

/** The selector without conditions such as `:hover`. */
function unwrapped(selector: string): string {
  return selector.replace(/:[\w-]+(\((?:[^()]|\([^()]*\))*\))?/g, "");
}

test("no class is defined in two files", () => {
  const files = new Map<string, string[]>();
  for (const { name, text } of SHEETS)
    for (const found of definedIn(text)) files.set(found, [...(files.get(found) ?? []), name]);
  expect(files.size).toBeGreaterThan(100);
  expect([...files].filter(([, names]) => names.length > 1)).toEqual([]);
});

test("gaps, margins and paddings use the sizes of the scale", () => {
  // The notice stands outside of the card, in the page, where the tokens are not known.
  const spaced = SHEETS.filter(({ name }) => name !== "notice.css").flatMap(({ name, text }) =>
    [...text.matchAll(/^\s*((?:padding|margin|gap|row-gap|column-gap)[\w-]*:[^;]*)/gm)].map(
      ([, rule = ""]) => ({
        name,
        rule,
      }),
    ),
  );
  expect(spaced.length).toBeGreaterThan(100);
  const off = spaced.filter(({ rule }) => /\b(?:[2-9]|1[0-9])px/.test(rule));
  expect(off).toEqual([]);
});

import { expect, test } from "vitest";
import { Contents } from "../src/contents";
import { drawn } from "./draw";

const tree = (text: string) => drawn(<Contents shows={[{ kind: "tree", text }]} />);
const rows = "[role=treeitem]";
const active = "[role=treeitem][tabindex='0']";

test("numbers are shown as written", () => {
  const { texts } = tree('{"a": 12345678901234567890, "b": 1.0, "c": 1e400, "d": [], "e": {}}');
  expect(texts(".value")).toEqual(["12345678901234567890", "1.0", "1e400", "[]", "{}"]);
});

test.each(["NaN", "{'a': 1}", `${"[".repeat(100_000)}`])(
  "a text that is no JSON is shown unchanged",
  (text) => {
    expect(tree(text).texts("pre")[0]?.slice(0, 5)).toBe(text.slice(0, 5));
  },
);

test.each([["12.50"], ["null"], ['"a"']])("the scalar %s is no tree", (text) => {
  const { all, mount } = tree(text);
  expect(all("[role=tree]")).toEqual([]);
  expect(mount.textContent).toBe(text);
});

test("the keys of a tree walk through the rows", async () => {
  const { press, texts, one } = tree('{"a": {"b": [1, 2]}, "c": true}');
  const key = () => one(active).querySelector(".key")?.textContent;
  await press(active, "ArrowRight");
  expect(key()).toBe("b");
  await press(active, "ArrowLeft");
  expect(one(active).getAttribute("aria-expanded")).toBe("false");
  await press(active, "ArrowLeft");
  expect(key()).toBe("a");
  await press(active, "End");
  expect(key()).toBe("c");
  await press(active, "Home");
  await press(active, "Enter");
  expect(texts(".key")).toEqual(["a", "c"]);
  expect(document.activeElement).toBe(one(active));
});

test("each row tells the level, the place and the number of neighbours", () => {
  const { all } = tree('{"a": {"b": 1, "c": 2}}');
  const places = all(rows).map((row) =>
    ["level", "posinset", "setsize"].map((name) => row.getAttribute(`aria-${name}`)),
  );
  expect(places).toEqual([
    ["1", "1", "1"],
    ["2", "1", "2"],
    ["2", "2", "2"],
  ]);
});

test("a large list comes in slices", async () => {
  const { texts, press } = tree(JSON.stringify(Array.from({ length: 250_000 }, (_, i) => i)));
  expect(texts(".count")).toEqual(
    Array.from(
      { length: 25 },
      (_, i) => `${(i * 10_000).toLocaleString()} … ${(i * 10_000 + 9_999).toLocaleString()}`,
    ),
  );
  await press(active, "Enter");
  expect(texts(rows)).toHaveLength(125);
});

test("a long text is opened", async () => {
  const { press, texts } = tree(JSON.stringify({ a: "word ".repeat(1_000) }));
  expect(texts(".value")[0]?.length).toBeLessThan(300);
  await press(active, "Enter");
  expect(texts(".value")[0]).toHaveLength(5_002);
});

test("a search opens and marks the found rows, and Enter goes from match to match", async () => {
  const value = Array.from({ length: 3_000 }, (_, i) => ({
    id: i,
    deep: { name: i % 1_000 === 7 ? "Needle" : "hay" },
  }));
  const { type, press, texts } = tree(JSON.stringify(value));
  await type("input", "needle");
  expect(texts(".search .hint")).toEqual(["1 of 3"]);
  expect(texts(".found")).toEqual(['name: "Needle"']);
  await press("input", "Enter", { shiftKey: true });
  expect(texts(".search .hint")).toEqual(["3 of 3"]);
  await press("input", "Enter");
  expect(texts(".search .hint")).toEqual(["1 of 3"]);
  await type("input", "nowhere");
  expect(texts(".search .hint")).toEqual(["nothing found"]);
});

import { expect, test } from "vitest";
import { Contents } from "../src/contents";
import { arrange } from "../src/contents/grid-rows";
import type { Grid } from "../src/protocol";
import { drawn, settled } from "./draw";

const grid = (changes: Partial<Grid> = {}) =>
  drawn(
    <Contents
      shows={[
        {
          kind: "grid",
          columns: ["id", "name"],
          numeric: [true, false],
          ticks: [false, false],
          rows: [
            ["10", "bob"],
            ["9", "Ann"],
            ["", "cid"],
          ],
          more: 0,
          ...changes,
        },
      ]}
    />,
  );
const MANY = Array.from({ length: 10_000 }, (_, i) => [String(i), `name ${i}`]);
const firsts = ".grid tbody td:first-child";

test("a click on a head sorts up, then down, then as the rows came", async () => {
  const { texts, click, one } = grid();
  const head = "th:first-child button";
  const sort = () => one("th").getAttribute("aria-sort");
  await click(head);
  expect([sort(), texts(firsts)]).toEqual(["ascending", ["9", "10", ""]]);
  await click(head);
  expect([sort(), texts(firsts)]).toEqual(["descending", ["10", "9", ""]]);
  await click(head);
  expect([sort(), texts(firsts)]).toEqual(["none", ["10", "9", ""]]);
});

test("a column of booleans is drawn as ticks, which are read as words and sort as such", async () => {
  const { texts, all, click } = grid({
    columns: ["id", "paid"],
    ticks: [false, true],
    rows: [
      ["1", "true"],
      ["2", "false"],
      ["3", ""],
    ],
  });
  const second = ".grid tbody td:nth-child(2)";
  expect(texts(second)).toEqual(["true", "false", ""]);
  expect(all(`${second} .box`).map(({ className }) => className)).toEqual(["box on", "box"]);
  await click("th:nth-child(2) button");
  expect(texts(second)).toEqual(["false", "true", ""]);
});

test("whole numbers beyond 2**53 are told apart", () => {
  const rows = [
    ["12345678901234567892"],
    ["12345678901234567890"],
    ["-12345678901234567892"],
    ["-12345678901234567890"],
  ];
  expect(arrange(rows, "", { column: 0, descending: false }, [true])).toEqual([2, 3, 1, 0]);
});

test("of many rows, few are drawn, and all are counted", () => {
  const { all, texts, one } = grid({ rows: MANY, more: 5 });
  expect(all(firsts).length).toBeLessThan(60);
  expect(texts(".grid > .hint")).toEqual(["10,000 rows, … and 5 more that are not shown"]);
  expect(one("table").getAttribute("aria-rowcount")).toBe("10001");
});

test("the filter keeps the rows that contain every word", async () => {
  const { texts, type } = grid({ rows: MANY });
  await type("input", "NAME 777");
  expect(texts(firsts)).toEqual(expect.arrayContaining(["777", "1777", "7770"]));
  expect(texts(".grid > .hint")).toEqual(["19 of 10,000 rows"]);
});

test("scrolling draws the rows that come into sight", async () => {
  const { one, texts } = grid({ rows: MANY });
  one(".scroll").scrollTop = 24 * 5_000;
  await settled(() => one(".scroll").dispatchEvent(new Event("scroll")));
  expect(texts(firsts)).toContain("5000");
  expect(texts(firsts)).not.toContain("0");
});

test("arrow keys move the active cell, and a long text of the cell is shown whole below", async () => {
  const { press, texts, one, all } = grid({
    rows: [
      ["1", "x"],
      ["2", "word ".repeat(50)],
    ],
  });
  for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) await press("table", key);
  const active = one("table").getAttribute("aria-activedescendant");
  expect(all("td[aria-selected=true]").map(({ id }) => id)).toEqual([active]);
  expect(texts(".cell-text")).toEqual(["word ".repeat(50)]);
  await press("table", "ArrowUp");
  expect(texts(".cell-text")).toEqual([]);
});

test("a table without rows says so", () => {
  expect(grid({ rows: [] }).texts(".hint")).toEqual(["0 rows"]);
});

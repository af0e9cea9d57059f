import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellsOf } from "../src/controls/table/tsv";
import type { Control } from "../src/protocol";
import * as strings from "../src/strings";
import {
  anything,
  choice,
  dumps,
  fixed,
  flaw,
  form,
  group,
  list,
  member,
  number,
  text,
  variants,
} from "./form";
import { settle } from "./page";

const optional = variants(null, ["Text", null, '""', text()], ["None", null, "null", fixed("null")]);
const ROW = group(
  member("sku", text()),
  member("amount", number({ integer: true })),
  member("kind", choice('"new"', '"used"')),
  member("sold", { kind: "switch" }),
  member("note", optional, { required: false }),
);
const START = '{"sku": "", "amount": 0, "kind": "new", "sold": false}';
const table = (changes = {}): Control => list(ROW, START, { table: true, ...changes });
const row = (sku: string, amount: number, more = {}) => ({ sku, amount, kind: "new", sold: false, ...more });

async function sheet(rows: unknown[], changes = {}) {
  const page = await form(table(changes), dumps(rows));
  const grid = page.one(".sheet");
  grid.focus();
  const cells = () =>
    page.all(".body .line").map((line) => [...line.children].map((cell) => cell.textContent));
  const keys = async (...all: string[]) => {
    for (const key of all) await page.press((page.root.activeElement as HTMLElement) ?? grid, key);
  };
  const typed = async (value: string) => {
    const editor = page.one(".editing") as HTMLTextAreaElement;
    editor.value = value;
  };
  const paste = async (value: string) => {
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => value } });
    grid.dispatchEvent(event);
    await settle();
  };
  const rowsNow = () => JSON.parse(page.draft());
  const active = () =>
    page.root.getElementById(grid.getAttribute("aria-activedescendant") ?? "")?.textContent;
  return { ...page, grid, cells, keys, typed, paste, rowsNow, active };
}

test("records are drawn as a grid that tells the size and the active cell", async () => {
  const { grid, cells, active, keys, root, all } = await sheet([
    row("a", 1),
    row("b", 2, { note: "x", sold: true }),
  ]);
  expect(cells()).toEqual([
    ["1", "a", "1", '"new"', "false", ""],
    ["2", "b", "2", '"new"', "true", "x"],
  ]);
  expect(all(".line .box").map(({ className }) => className)).toEqual(["box", "box on"]);
  expect([grid.getAttribute("aria-rowcount"), grid.getAttribute("aria-colcount")]).toEqual(["3", "6"]);
  expect(active()).toBe("a");
  await keys("ArrowDown", "ArrowRight", "ArrowDown");
  expect(active()).toBe("2");
  expect(root.activeElement).toBe(grid);
});

describe("a cell", () => {
  test("is edited with Enter, kept with Enter, and left unchanged with Escape", async () => {
    const { keys, typed, rowsNow, root, grid, active } = await sheet([row("a", 1), row("b", 2)]);
    await keys("Enter");
    await typed("A");
    await keys("Enter");
    expect([root.activeElement, active()]).toEqual([grid, "b"]);
    await keys("F2");
    await typed("nothing");
    await keys("Escape");
    expect(rowsNow()).toEqual([row("A", 1), row("b", 2)]);
  });

  test("that is edited stays open with the text where keys end a composition", async () => {
    const { keys, typed, press, one, rowsNow } = await sheet([row("a", 1)]);
    await keys("Enter");
    await typed("A");
    for (const key of ["Escape", "Enter", "Tab"])
      expect((await press(one(".editing"), key, { isComposing: true })).defaultPrevented).toBe(false);
    expect((one(".editing") as HTMLTextAreaElement).value).toBe("A");
    await keys("Enter");
    expect(rowsNow()).toEqual([row("A", 1)]);
  });

  test("is replaced by typing, and Tab goes to the next cell, from the last cell to the next row", async () => {
    const { keys, typed, rowsNow, one, active } = await sheet([row("a", 1), row("b", 2)]);
    await keys("ArrowRight", "7");
    expect((one(".editing") as HTMLTextAreaElement).value).toBe("7");
    await typed("70");
    await keys("Tab");
    expect(active()).toBe('"new"');
    await keys("End", "x");
    await keys("Tab");
    expect(active()).toBe("b");
    expect(rowsNow()).toEqual([row("a", 70, { note: "x" }), row("b", 2)]);
  });

  test("keeps the type: digits as typed, letters among numbers as a text, empty as null", async () => {
    const { keys, typed, draft, rowsNow } = await sheet([row("a", 1, { note: "x" })]);
    await keys("ArrowRight", "F2");
    await typed("12345678901234567890");
    await keys("Tab");
    expect(draft()).toContain('"amount": 12345678901234567890,');
    await settle();
    await keys("End", "Delete");
    expect(rowsNow()[0].note).toBe(null);
    await settle();
    await keys("Home", "ArrowRight", "z");
    await keys("Enter");
    expect(rowsNow()[0].amount).toBe("z");
  });

  test("that is a switch is turned with the space bar, a choice is a list", async () => {
    const { keys, rowsNow, one } = await sheet([row("a", 1)]);
    await keys("ArrowRight", "ArrowRight", "ArrowRight", " ");
    expect(rowsNow()[0].sold).toBe(true);
    await settle();
    await keys("ArrowLeft", "Enter");
    const select = one("select.editing") as HTMLSelectElement;
    select.value = '"used"';
    await keys("Enter");
    expect(rowsNow()[0].kind).toBe("used");
  });

  test("keeps a line break, which Alt+Enter makes", async () => {
    const { keys, press, one } = await sheet([row("a\nb", 1)]);
    await keys("Enter");
    expect((one(".editing") as HTMLTextAreaElement).value).toBe("a\nb");
    expect((await press(one(".editing"), "Enter", { altKey: true })).defaultPrevented).toBe(false);
  });

  test("that is edited is kept and sent with Ctrl+Enter", async () => {
    const { keys, typed, press, one, fake } = await sheet([row("a", 1)]);
    await keys("Enter");
    await typed("A");
    await press(one(".editing"), "Enter", { ctrlKey: true });
    expect(JSON.parse(fake.last("answer").draft)[0].sku).toBe("A");
  });
});

describe("the view", () => {
  const rows = Array.from({ length: 20 }, (_, i) => row(`s${i}`, (i * 7) % 20));

  test("is sorted up, down and not at all, and the order of the data stays", async () => {
    const { push, cells, rowsNow, all } = await sheet(rows);
    const first = () => cells()[0]?.[2];
    await push("AMOUNT *");
    expect(first()).toBe("0");
    expect(all("[aria-sort=ascending]")).toHaveLength(1);
    await push("AMOUNT * ↑");
    expect(first()).toBe("19");
    await push("AMOUNT * ↓");
    expect(first()).toBe("0");
    expect(rowsNow()).toEqual(rows);
  });

  test("is filtered, and an edit goes to the right row of the data", async () => {
    const { write, one, cells, keys, typed, rowsNow, grid, text: texts } = await sheet(rows);
    await write(one(".filter"), "s13");
    expect(cells()).toHaveLength(1);
    expect(texts(".above [role=status]")).toEqual(["1 of 20 rows"]);
    grid.focus();
    await keys("F2");
    await typed("thirteen");
    await keys("Enter");
    expect(rowsNow()[13].sku).toBe("thirteen");
  });

  test("of many rows draws only the rows in sight", async () => {
    const { all, keys, active } = await sheet(Array.from({ length: 2000 }, (_, i) => row(`s${i}`, i)));
    expect(all(".body .line").length).toBeLessThan(40);
    expect(active()).toBe("s0");
    await keys("PageDown");
    expect(active()).toBe("s13");
  });
});

describe("rows", () => {
  test("are added and removed, within the bounds", async () => {
    const { push, rowsNow, button, keys } = await sheet([row("a", 1), row("b", 2)], { fewest: 1, most: 3 });
    await push(`+ ${strings.table.addRow}`);
    expect(rowsNow()).toHaveLength(3);
    await settle();
    expect(button(`+ ${strings.table.addRow}`).getAttribute("aria-disabled")).toBe("true");
    await keys("ArrowUp", "ArrowUp");
    await push(strings.table.removeRow);
    await push(strings.table.removeRow);
    await push(strings.table.removeRow);
    expect(rowsNow()).toEqual([JSON.parse(START)]);
  });

  test("are pasted from a spreadsheet from the selected cell onward, and added as needed", async () => {
    const { keys, paste, rowsNow } = await sheet([row("a", 1), row("b", 2)]);
    await keys("ArrowDown");
    await paste('x\t5\t"used"\tTRUE\nz\t6,5\n');
    expect(rowsNow()).toEqual([
      row("a", 1),
      { sku: "x", amount: 5, kind: "used", sold: true },
      { ...row("z", 0), amount: "6,5" },
    ]);
  });
});

test("flaws are marked at the cells and told below, and the first flawed cell is selected", async () => {
  const { one, fake, active, all, text: texts, root, grid } = await sheet([row("a", 1), row("b", 2)]);
  one(".resume").focus();
  one(".resume").click();
  fake.say({
    kind: "refused",
    request: fake.last("answer").request,
    problem: { kind: "problem", name: "AnswerError", message: "no" },
    flaws: [flaw(["1", "amount"], "at most 1")],
  });
  await settle();
  expect(texts(".flaw")).toEqual(["Row 2: amount: at most 1"]);
  expect(all("[aria-invalid=true]").map((cell) => cell.textContent)).toEqual(["2"]);
  expect(active()).toBe("2");
  expect(root.activeElement).toBe(grid);
});

test("a member that no column lists gets a separate column", async () => {
  const { cells, rowsNow, keys, typed } = await sheet([row("a", 1, { more: [1] })]);
  expect(cells()[0]?.at(-1)).toBe("[\n  1\n]");
  await keys("End", "Enter");
  await typed("{}");
  await keys("Enter");
  expect(rowsNow()[0].more).toEqual({});
});

test.each([
  ["a row that is no object", table(), [row("a", 1), 5]],
  [
    "a cell that holds more than a value",
    list(group(member("x", anything)), "{}", { table: true }),
    [{ x: 1 }],
  ],
])("%s makes the table a list", async (_, control, rows) => {
  const { all } = await form(control, dumps(rows));
  expect(all(".sheet")).toEqual([]);
  expect(all(".item")).toHaveLength(rows.length);
});

test("cells written as a spreadsheet does are read back", () => {
  const quoted = (cell: string) => (/[\t\r\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const cell = fc.oneof(fc.string(), fc.constantFrom("", '"', "a\nb", "\t", "x\r\ny"));
  const grid = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(grid, fc.constantFrom("\n", "\r\n"), (rows, end) => {
      const text = rows.map((cells) => cells.map(quoted).join("\t")).join(end);
      expect(cellsOf(text)).toEqual(rows);
      expect(cellsOf(text + end)).toEqual(rows);
    }),
  );
  expect(cellsOf('say "hi"\tx')).toEqual([['say "hi"', "x"]]);
});

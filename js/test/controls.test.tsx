import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { partsOf, withSeconds } from "../src/controls/time";
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
  option,
  text,
  variants,
} from "./form";
import { settle } from "./page";

const secret = (control: Control): Control => ({ kind: "secret", control });
const A = (control: Parameters<typeof member>[1], changes = {}) => group(member("a", control, changes));

test("an untouched form sends exactly the original text", async () => {
  const original = '{ "a": 1.0,\n"b":[12345678901234567890 ] }';
  const { draft } = await form(group(member("a", number())), original);
  expect(draft()).toBe(original);
});

test("an edit leaves the digits of numbers elsewhere as written", async () => {
  const original = dumps({ a: "x", b: 0 }).replace("0", "12345678901234567890.0");
  const { write, draft, fake } = await form(A(text()), original);
  await write("A", 'say "hi"');
  expect(draft()).toBe('{\n  "a": "say \\"hi\\"",\n  "b": 12345678901234567890.0\n}');
  await write("A", "x");
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({}); // the original again: nothing to undo
});

test.each<[string, Control, string]>([
  ["number", number(), "LABEL"],
  ["list of many options", choice(..."123456"), "LABEL"],
  ["few options", choice("1", "2"), "SPAN"],
  ["group, whose members have names", A(text()), "SPAN"],
])("the title asks, and the form has a name for screen readers: %s", async (_, control, tag) => {
  const { root } = await form(control, "{}");
  const name = [...root.querySelectorAll("[id$=-label]")].find((one) =>
    one.textContent?.startsWith("Your answer"),
  );
  expect([name?.tagName, name?.classList.contains("unseen")]).toEqual([tag, true]);
});

describe("a number", () => {
  test.each([
    ["12345678901234567890", "12345678901234567890"],
    ["1.0", "1.0"],
    ["1e3", "1e3"],
    [".5", "0.5"],
    ["12a", '"12a"'],
    ["", '""'],
  ])("typed as %s stands in the answer as %s, and in the field as typed", async (typed, written) => {
    const { write, draft, find } = await form(A(number()), dumps({ a: 1 }));
    await write("A", typed);
    expect(draft()).toBe(`{\n  "a": ${written}\n}`);
    expect((find("A") as HTMLInputElement).value).toBe(typed);
  });

  test("goes up and down with the arrow keys, within the bounds", async () => {
    const { press, find, draft, text } = await form(
      A(number({ integer: true, least: "0", most: "12345678901234567891", step: "1" })),
      '{"a": 12345678901234567890}',
    );
    const chooses = await press(find("A"), "ArrowDown", { isComposing: true }); // among characters
    expect(chooses.defaultPrevented).toBe(false);
    await press(find("A"), "ArrowUp");
    await press(find("A"), "ArrowUp");
    expect(draft()).toContain("12345678901234567891");
    await press(find("A"), "ArrowDown");
    expect(draft()).toContain("12345678901234567890");
    expect(text(".bounds")).toEqual(["0 to 12345678901234567891"]);
    expect(find("A").getAttribute("aria-describedby")).toContain("-bounds");
  });

  test("that must be whole says so where no bounds are shown", async () => {
    const { text } = await form(A(number({ integer: true })), dumps({ a: 1 }));
    expect(text(".bounds")).toEqual([strings.forms.whole]);
  });

  test("typed with a letter is told to be sent as a text", async () => {
    const { text, write } = await form(A(number()), dumps({ a: 1 }));
    await write("A", "12a");
    expect(text(".hint")).toContain(strings.forms.noNumber("12a"));
  });
});

describe("a text", () => {
  test.each(["email", "uri", "plain"] as const)(
    "of format %s is in a field that keeps spaces at the ends",
    async (format) => {
      const { find, write, draft } = await form(A(text(format)), dumps({ a: "" }));
      expect((find("A") as HTMLInputElement).type).toBe("text");
      await write("A", " x ");
      expect(draft()).toBe(dumps({ a: " x " }));
    },
  );

  test("with line breaks is in a tall field, and keeps the kind of line ends", async () => {
    const { find, write, draft } = await form(A(text()), dumps({ a: "one\r\ntwo" }));
    expect(find("A").tagName).toBe("TEXTAREA");
    await write("A", "one\nthree");
    expect(draft()).toBe(dumps({ a: "one\r\nthree" }));
  });

  test("with line ends of several kinds is written as JSON, because a text field would change the line ends", async () => {
    const { find } = await form(A(text()), dumps({ a: "one\r\ntwo\rthree" }));
    expect((find("A") as HTMLTextAreaElement).value).toBe('"one\\r\\ntwo\\rthree"');
  });

  test("pasted with a line break makes the field tall", async () => {
    const { find, draft, root } = await form(A(text()), dumps({ a: "ab" }));
    const field = find("A") as HTMLInputElement;
    field.focus();
    field.setSelectionRange(1, 1);
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => "1\r\n2" } });
    field.dispatchEvent(event);
    await settle();
    expect(draft()).toBe(dumps({ a: "a1\n2b" }));
    expect(root.activeElement?.tagName).toBe("TEXTAREA");
  });

  test("that is secret is hidden until a person presses “show”", async () => {
    const { find, push } = await form(A(text("secret")), dumps({ a: "x" }));
    expect((find("A") as HTMLInputElement).type).toBe("password");
    await push(strings.forms.show);
    expect((find("A") as HTMLInputElement).type).toBe("text");
  });

  test.each([
    ["number", A(secret(number())), { a: 5 }],
    ["text that has a format", A(secret(text("email"))), { a: "x" }],
    [
      "number of several shapes",
      A(secret(variants(null, ["None", null, "null", fixed("null")], ["N", null, "0", number()]))),
      { a: 5 },
    ],
    ["number in a list", A(secret(list(number(), "0"))), { a: [5] }],
  ])("a secret %s is hidden as well", async (_, control, value) => {
    const { root, push } = await form(control, dumps(value));
    const types = () =>
      [...root.querySelectorAll("input.field")].map((each) => (each as HTMLInputElement).type);
    expect(types()).toEqual(["password"]);
    await push(strings.forms.show);
    expect(types()).toEqual(["text"]);
  });

  test("near the greatest length is shown with the length in code points", async () => {
    const { text: texts } = await form(A(text("plain", 5)), dumps({ a: "a😀cd" }));
    expect(texts(".hint")).toContain("4 of 5");
  });
});

describe("a time", () => {
  test.each([
    ["2026-05-01", "date", "2026-05-01", ""],
    ["2026-05-01T09:30", "date-time", "2026-05-01T09:30", ""],
    ["2026-05-01T09:30:15.123456+02:00", "date-time", "2026-05-01T09:30:15", ".123456+02:00"],
    ["09:30:00Z", "time", "09:30:00", "Z"],
    ["", "date", "", ""],
  ] as const)(
    "%s is split into the value of the browser's control and the rest",
    (value, format, head, tail) => {
      expect(partsOf(value, format)).toEqual({ head, tail });
    },
  );

  test.each([
    ["2026-02-31", "date"],
    ["tomorrow", "date"],
    ["2026-05-01 09:30", "date-time"],
    ["25:00", "time"],
  ] as const)("%s is written as a text", async (value, format) => {
    expect(partsOf(value, format)).toBeNull();
    const { find, write, draft } = await form(A(text(format)), dumps({ a: value }));
    expect((find("A") as HTMLInputElement).type).toBe("text");
    await write("A", "2026-05-01");
    expect((find("A") as HTMLInputElement).type).toBe("text"); // the field stays the same while a person types
    expect(draft()).toBe(dumps({ a: "2026-05-01" }));
  });

  test("keeps seconds, parts of them and the offset where the browser's control cuts them off", async () => {
    expect(withSeconds("2026-05-02T09:30", "2026-05-01T09:30:00")).toBe("2026-05-02T09:30:00");
    expect(withSeconds("2026-05-02T09:30", "2026-05-01T09:30")).toBe("2026-05-02T09:30");
    expect(withSeconds("09:31", "")).toBe("09:31:00");
    const { find, write, draft } = await form(
      A(text("date-time")),
      dumps({ a: "2026-05-01T09:30:00.5+02:00" }),
    );
    await write(find("A"), "2026-05-02T09:30");
    expect(draft()).toBe(dumps({ a: "2026-05-02T09:30:00.5+02:00" }));
  });
});

describe("a switch and a choice", () => {
  test("a switch whose value is neither true nor false is drawn in between", async () => {
    const { find, draft } = await form(A({ kind: "switch" }), dumps({ a: null }));
    expect((find("A") as HTMLInputElement).indeterminate).toBe(true);
    find("A").click();
    expect(draft()).toBe(dumps({ a: true }));
  });

  test("few options are seen at once, and values are compared by their digits", async () => {
    const { find, all, draft } = await form(A(choice("1.0", "1", '"x"')), '{"a": 1}');
    expect(all("input[type=radio]").map((one) => (one as HTMLInputElement).checked)).toEqual([
      false,
      true,
      false,
    ]);
    find("1.0").click();
    expect(draft()).toBe('{\n  "a": 1.0\n}');
  });

  test("many options are in a list, and a value outside of the options is shown", async () => {
    const control = choice(..."123456");
    const { find, write, draft } = await form(A(control), dumps({ a: "other" }));
    const select = find("A") as HTMLSelectElement;
    expect([select.tagName, select.selectedOptions[0]?.textContent]).toEqual(["SELECT", '"other"']);
    await write("A", "2");
    expect(draft()).toBe(dumps({ a: 3 }));
  });

  test("chosen options are sent in the order of the list, and an unknown value stays until unticked", async () => {
    const control = { kind: "choices", options: ['"a"', '"b"', '"c"'].map((v) => option(v)) } as const;
    const { find, draft } = await form(A(control), dumps({ a: ["x", "c"] }));
    find('"a"').click();
    await settle();
    expect(JSON.parse(draft())).toEqual({ a: ["a", "x", "c"] });
    await settle();
    find('"x"').click();
    await settle();
    expect(JSON.parse(draft())).toEqual({ a: ["a", "c"] });
  });
});

describe("a group", () => {
  const control = group(
    member("a", text()),
    member("b", { kind: "switch" }, { required: false, start: "true", hint: "Or not." }),
    member("c", text()),
  );

  test("names the members, marks required members, and adds an optional member at the right place", async () => {
    const { find, push, draft, root, fake, text: texts } = await form(control, dumps({ a: "", c: "" }));
    expect(find("A").closest(".member")?.querySelector(".required")?.getAttribute("title")).toBe("required");
    expect(texts(".member")).toEqual(["A *", "+ Add B", "C *"]);
    await push("+ Add B");
    expect(root.activeElement).toBe(find("B"));
    expect(find("B").getAttribute("aria-describedby")).not.toBe(null);
    expect(draft()).toBe(dumps({ a: "", b: true, c: "" }));
    await settle();
    await push("Remove B");
    expect(root.activeElement?.textContent).toBe("+ Add B");
    await vi.advanceTimersByTimeAsync(200);
    expect(fake.get("drafts")).toEqual({}); // the original again
  });

  const tags: Control = { kind: "choices", options: ['"x"', '"y"'].map((value) => option(value)) };
  const optional = { required: false };
  test.each<[string, Control, string, unknown, string]>([
    ["text", text(), "hi", "hi", ""],
    ["long text", text("long"), "hi", "hi", ""],
    ["secret", text("secret"), "hi", "hi", ""],
    ["date", text("date"), "2026-05-01", "2026-05-01", ""],
    ["number", number(), "5", 5, ""],
  ])(
    "has an empty %s for a missing member, which is there when filled in and missing again when emptied",
    async (...row) => {
      const [, kind, typed, value, empty] = row;
      const members = group(member("a", text()), member("b", kind, optional), member("c", text()));
      const { write, draft, fake, all } = await form(members, dumps({ a: "", c: "" }));
      expect(draft()).toBe(dumps({ a: "", c: "" }));
      await settle();
      await write("B", typed);
      expect(draft()).toBe(dumps({ a: "", b: value, c: "" }));
      await settle();
      expect(all(".tools .tool")).toHaveLength(1);
      await write("B", empty);
      await vi.advanceTimersByTimeAsync(200);
      expect(fake.get("drafts")).toEqual({}); // the original again
    },
  );

  test("has boxes for several options, and the member is missing again when no box is ticked", async () => {
    const { find, draft } = await form(A(tags, optional), "{}");
    find('"y"').click();
    await settle();
    expect(draft()).toBe(dumps({ a: ["y"] }));
    await settle();
    find('"y"').click();
    await settle();
    expect(draft()).toBe("{}");
  });

  test("removing a member undoes the choice, and empty values can be chosen too", async () => {
    const { find, push, draft, root, all } = await form(A(choice('""', "null"), optional), "{}");
    for (const value of ['""', "null"]) {
      find(value).click();
      await settle();
      expect(draft()).toBe(`{\n  "a": ${value}\n}`);
      await settle();
    }
    await push("Remove A");
    expect(draft()).toBe("{}");
    await settle();
    expect(root.activeElement).toBe(all("input")[0]);
  });

  test("an emptied text that was there from the start stays an empty text until a person removes the member", async () => {
    const {
      write,
      push,
      draft,
      text: texts,
      root,
      find,
    } = await form(A(text(), optional), dumps({ a: "x" }));
    await write("A", "");
    expect(draft()).toBe(dumps({ a: "" }));
    await settle();
    await push("Remove A");
    expect(draft()).toBe("{}");
    await settle();
    expect(texts(".hint")).toContain(strings.forms.leftOut);
    expect(root.activeElement).toBe(find("A"));
    await write("A", "y");
    await write("A", "");
    expect(draft()).toBe(dumps({ a: "" }));
  });

  test("an emptied member of an added item is missing if the item began without the member", async () => {
    const item = group(
      member("a", text(), { ...optional, start: '""' }),
      member("b", text(), { ...optional, start: '"x"' }),
    );
    const { write, push, draft } = await form(list(item, '{"b": "x"}'), "[]");
    await push(`+ ${strings.forms.addItem}`);
    await write("A", "1");
    await write("A", "");
    await write("B", "");
    expect(draft()).toBe(dumps([{ b: "" }]));
  });

  test("typing any texts and then restoring the former texts leaves the answer unchanged", async () => {
    const names = ["a", "b", "c", "d"];
    const members = group(...names.map((name) => member(name, text(), { ...optional, label: name })));
    const values = fc.dictionary(fc.constantFrom(...names), fc.string());
    const typing = fc.array(fc.tuple(fc.constantFrom(...names), fc.string({ minLength: 1 })), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(values, typing, async (began, typed) => {
        const original = dumps(Object.fromEntries(names.flatMap((n) => (n in began ? [[n, began[n]]] : []))));
        const { write, draft, find } = await form(members, original);
        const before = new Map(names.map((name) => [name, (find(name) as HTMLInputElement).value]));
        for (const [name, value] of typed) await write(name, value);
        for (const name of names) await write(name, before.get(name) ?? "");
        expect(draft()).toBe(original);
        document.body.replaceChildren();
      }),
      { numRuns: 15 },
    );
  });

  test("takes further members, whose name can be changed, but not to a name that is taken", async () => {
    const open = { ...group(member("a", text())), others: number(), start: "0" };
    const { push, draft, root, text: texts, all } = await form(open, dumps({ a: "" }));
    await push(`+ ${strings.forms.addMember}`);
    const key = root.activeElement as HTMLInputElement;
    const rename = async (value: string, event: string) => {
      key.value = value;
      key.dispatchEvent(new Event("input", { bubbles: true }));
      await settle();
      key.dispatchEvent(new Event(event, { bubbles: true }));
      await settle();
    };
    key.value = "a";
    key.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    expect(texts(".flaw")).toEqual([strings.forms.taken]);
    await rename("size", "change");
    expect(JSON.parse(draft())).toEqual({ a: "", size: 0 });
    await settle();
    await push("Remove size");
    expect(all(".key")).toEqual([]);
  });

  test("whose value is no object, and unknown members, are written as JSON: nothing is hidden", async () => {
    const { all, find } = await form(group(member("g", group())), dumps({ g: [1], more: 2 }));
    expect((find("G") as HTMLTextAreaElement | null)?.value ?? all("textarea")[0]).toBe("[\n  1\n]");
    expect(all(".key").map((one) => (one as HTMLInputElement).value)).toEqual(["more"]);
  });

  test("that contains itself is drawn as deep as the value", async () => {
    const tree = group(
      member("name", text()),
      member("kids", list({ kind: "shared", name: "Tree" }, '{"name": "", "kids": []}')),
    );
    const original = dumps({ name: "a", kids: [{ name: "b", kids: [] }] });
    const { all, push, draft } = await form({ kind: "shared", name: "Tree" }, original, {}, { Tree: tree });
    expect(all("input").map((one) => (one as HTMLInputElement).value)).toEqual(["a", "b"]);
    await push(`+ ${strings.forms.addItem}`);
    expect(JSON.parse(draft()).kids[0].kids).toEqual([{ name: "", kids: [] }]);
  });

  test("a name that leads nowhere, or round in a circle, is written as JSON", async () => {
    const loop = { Loop: { kind: "shared", name: "Loop" } };
    const { all } = await form({ kind: "shared", name: "Loop" }, "1", {}, loop);
    expect(all("textarea")).toHaveLength(1);
  });
});

describe("a list", () => {
  const control = A(list(text(), '""', { fewest: 1, most: 4 }));

  test("gains and loses items within the bounds, and the focus follows", async () => {
    const { push, button, draft, root, find } = await form(control, dumps({ a: ["x"] }));
    expect(button("Remove Item 1").getAttribute("aria-disabled")).toBe("true");
    await push(`+ ${strings.forms.addItem}`);
    expect(root.activeElement).toBe(find("Item 2"));
    for (let i = 0; i < 3; i++) await push(`+ ${strings.forms.addItem}`);
    expect(draft()).toBe(dumps({ a: ["x", "", "", ""] }));
    await settle();
    await push("Remove Item 1");
    expect(draft()).toBe(dumps({ a: ["", "", ""] }));
    expect(root.activeElement).toBe(find("Item 1"));
  });

  test("is put in another order with Alt and the arrow keys; the focus stays with the moved item", async () => {
    const { press, find, draft, root, text: texts } = await form(control, dumps({ a: ["x", "y", "z"] }));
    const moving = find("Item 1");
    moving.focus();
    await press(moving, "ArrowDown", { altKey: true, isComposing: true });
    expect(draft()).toBe(dumps({ a: ["x", "y", "z"] }));
    await press(moving, "ArrowDown", { altKey: true });
    expect(root.activeElement).toBe(moving);
    expect(texts("[role=status]")).toContain("Now item 2 of 3");
    await press(moving, "ArrowDown", { altKey: true });
    await press(moving, "ArrowDown", { altKey: true });
    expect(draft()).toBe(dumps({ a: ["y", "z", "x"] }));
  });

  test("that is long is drawn in part", async () => {
    const { all, push } = await form(A(list(text(), '""')), dumps({ a: Array(1000).fill("x") }));
    expect(all(".item")).toHaveLength(50);
    await push(strings.forms.showMore(950));
    expect(all(".item")).toHaveLength(150);
  });

  test("whose items differ by place draws each item with the control of the place", async () => {
    const row = {
      kind: "row",
      items: [member("x", number()), member("y", text(), { start: '"new"' })],
    } as const;
    const { find, push, draft } = await form(A({ ...row, items: [...row.items] }), '{"a": [1]}');
    expect((find("X") as HTMLInputElement).value).toBe("1");
    await push("+ Y");
    expect(JSON.parse(draft())).toEqual({ a: [1, "new"] });
  });
});

describe("a value of several shapes", () => {
  const pay = variants(
    "kind",
    [
      "Card",
      '"card"',
      '{"kind": "card", "number": ""}',
      group(member("kind", fixed('"card"')), member("number", text())),
    ],
    ["Cash", '"cash"', '{"kind": "cash"}', group(member("kind", fixed('"cash"')))],
  );

  test("is recognised by the tag, and the texts of a shape are kept while a person looks at another shape", async () => {
    const { write, find, draft } = await form(A(pay), dumps({ a: { kind: "card", number: "" } }));
    await write("NUMBER", "4111");
    find("Cash").click();
    await settle();
    expect(JSON.parse(draft())).toEqual({ a: { kind: "cash" } });
    await settle();
    find("Card").click();
    await settle();
    expect(JSON.parse(draft())).toEqual({ a: { kind: "card", number: "4111" } });
  });

  test.each([
    ["null", 2],
    ["1", 0],
    ['"x"', 1],
    ["true", null],
  ])("%s is recognised by the type", async (value, index) => {
    const control = variants(
      null,
      ["N", null, '""', number()],
      ["T", null, '""', text()],
      ["None", null, "null", fixed("null")],
    );
    const { all } = await form(A(control), `{"a": ${value}}`);
    const checked = all(".segment input").map((one) => (one as HTMLInputElement).checked);
    expect(checked.indexOf(true)).toBe(index ?? -1);
  });

  test("a half-written number stays a number where a text is allowed too", async () => {
    const control = variants(null, ["N", null, '""', number()], ["T", null, '""', text()]);
    const { all, write, draft } = await form(A(control), '{"a": 1}');
    const field = () => all(".variant input")[0] as HTMLInputElement;
    await write(field(), "1e");
    expect(all(".segment input").map((one) => (one as HTMLInputElement).checked)).toEqual([true, false]);
    await write(field(), "1e5");
    expect(draft()).toBe('{\n  "a": 1e5\n}');
  });

  test("objects without a tag are recognised by the members", async () => {
    const control = variants(
      null,
      ["Circle", null, "{}", group(member("radius", number()))],
      ["Box", null, "{}", group(member("width", number()), member("height", number()))],
    );
    const { all } = await form(A(control), dumps({ a: { height: 1, width: 2 } }));
    expect(all(".segment input").map((one) => (one as HTMLInputElement).checked)).toEqual([false, true]);
  });
});

describe("a part that is JSON", () => {
  test("keeps typed spaces in the field, and the digits of numbers in the answer", async () => {
    const { write, find, draft } = await form(A(anything), '{"a": null}');
    await write("A", "[1.0,\n   2 ]");
    expect((find("A") as HTMLTextAreaElement).value).toBe("[1.0,\n   2 ]");
    expect(draft()).toBe('{\n  "a": [\n    1.0,\n    2\n  ]\n}');
  });

  test("with a syntax error says so at the part, blocks sending, and is still there after a reload", async () => {
    const { write, fake, one, text: texts, find } = await form(A(anything), '{"a": null}');
    await write("A", "[1,");
    expect(texts(".flaw")[0]).toMatch(/^Not valid JSON yet: a value is expected/);
    expect(find("A").getAttribute("aria-invalid")).toBe("true");
    one(".resume").click();
    expect(fake.count("answer")).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    const { i1 = "" } = fake.get("drafts");
    expect(() => JSON.parse(i1)).toThrow();
    const again = await form(A(anything), '{"a": null}');
    again.fake.set("drafts", { i1 });
    again.fake.emit("change:drafts");
    await settle();
    expect((again.find("A") as HTMLTextAreaElement).value).toBe("[1,");
  });
});

describe("flaws", () => {
  const control = group(member("a", number()), member("b", text()), member("g", group(member("x", text()))));
  const original = dumps({ a: 1, b: "", g: { x: "" } });

  test("are drawn at touched controls only, and named in the descriptions of the controls", async () => {
    const { write, find, checked, text: texts } = await form(control, original);
    await write("A", "99");
    await vi.advanceTimersByTimeAsync(200);
    await checked([flaw(["a"], "at most 9"), flaw(["b"], "is too short")]);
    expect(texts(".flaw")).toEqual(["at most 9"]);
    expect(find("A").getAttribute("aria-invalid")).toBe("true");
    expect(find("A").getAttribute("aria-describedby")).toContain("-flaws");
    expect(find("B").getAttribute("aria-invalid")).toBe("false");
  });

  test("of a refused answer are all drawn, the focus goes to the first, and a summary leads to each", async () => {
    const { one, fake, root, find, button, text: texts } = await form(control, original);
    one(".resume").focus();
    one(".resume").click();
    const flaws = [flaw(["b"], "is too short"), flaw(["g", "x"], "is no word"), flaw(["g"], "y is missing")];
    fake.say({
      kind: "refused",
      request: fake.last("answer").request,
      problem: { kind: "problem", name: "AnswerError", message: "It does not fit." },
      flaws,
    });
    await settle();
    expect(texts(".form .flaw")).toEqual(["is too short", "y is missing", "is no word"]);
    expect(root.activeElement).toBe(find("B"));
    button("G › X: is no word").click();
    expect(root.activeElement).toBe(find("X"));
  });

  test("without a control at their place are told by the control around", async () => {
    const { one, fake, text: texts } = await form(A(anything), '{"a": {"b": 1}}');
    one(".resume").click();
    const flaws = [flaw(["a", "b"], "is no text"), flaw(["c"], "is missing")];
    fake.say({
      kind: "refused",
      request: fake.last("answer").request,
      problem: { kind: "problem", name: "AnswerError", message: "no" },
      flaws,
    });
    await settle();
    expect(texts(".form .flaw")).toEqual(["c: is missing", "b: is no text"]);
  });
});

test("while a form is being sent, no control can be changed", async () => {
  const control = group(
    member("a", text()),
    member("s", { kind: "switch" }),
    member("c", choice('"x"', '"y"')),
  );
  const { one, find, fake } = await form(control, dumps({ a: "", s: false, c: "x" }));
  one(".resume").click();
  await settle();
  expect((find("A") as HTMLInputElement).readOnly).toBe(true);
  for (const name of ["S", '"y"']) find(name).click();
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({});
  expect((find("S") as HTMLInputElement).checked).toBe(false);
});

test("a long form is drawn slice by slice, in the end as a whole", async () => {
  const members = Array.from({ length: 500 }, (_, i) => member(`m${i}`, text()));
  const value = Object.fromEntries(members.map(({ name }) => [name, "x"]));
  const { all } = await form(group(...members), dumps(value));
  await vi.advanceTimersByTimeAsync(2000);
  expect(all(".member")).toHaveLength(500);
});

test("markup in labels, hints, options and values is text", async () => {
  const bad = "<img src=x onerror=alert(1)>";
  const control = group(
    member("a", text(), { label: bad, hint: bad }),
    member("c", { kind: "choice", options: [option('"x"', bad)] }, { label: bad }),
    member("o", text(), { label: bad, required: false, hint: bad }),
  );
  const { all } = await form(control, dumps({ a: bad, c: bad, [bad]: bad }));
  expect(all("img")).toEqual([]);
});

test("a secret that is written as JSON is masked, and JSON without a secret is not", async () => {
  const json: Control = { kind: "json", why: "size" };
  const { find } = await form(group(member("a", secret(json)), member("b", json)), dumps({ a: [1], b: [1] }));
  expect((find("A") as HTMLElement).classList.contains("masked")).toBe(true);
  expect((find("B") as HTMLElement).classList.contains("masked")).toBe(false);
});

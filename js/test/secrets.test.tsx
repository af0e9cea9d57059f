import { expect, test, vi } from "vitest";
import { Secrets } from "../src/secrets";
import { question } from "./fake";
import { anything, dumps, fixed, form, formField, group, list, member, number, text, variants } from "./form";
import { settle } from "./page";

const LOGIN = group(member("user", text()), member("password", text("secret")));

test("a secret is sent and checked, but never kept in the trait that is saved", async () => {
  const { fake, write, find, draft } = await form(LOGIN, dumps({ user: "", password: "" }));
  await write("USER", "ann");
  await write("PASSWORD", "hunter2");
  await vi.advanceTimersByTimeAsync(400);
  expect(fake.saved.length).toBeGreaterThan(0);
  expect(JSON.stringify(fake.saved)).not.toContain("hunter2");
  expect(fake.get("drafts")).toEqual({ i1: dumps({ user: "ann", password: "" }) });
  fake.emit("change:drafts"); // as the trait's own echo
  await settle();
  expect((find("PASSWORD") as HTMLInputElement).value).toBe("hunter2");
  expect(draft()).toBe(dumps({ user: "ann", password: "hunter2" }));
});

test("where only a secret was written nothing is kept, and texts of another page do not replace the form", async () => {
  const { fake, write, find } = await form(LOGIN, dumps({ user: "", password: "" }));
  await write("PASSWORD", "hunter2");
  await vi.advanceTimersByTimeAsync(400);
  expect(fake.get("drafts")).toEqual({});
  for (const user of ["b", "bob"]) {
    fake.set("drafts", { i1: dumps({ user, password: "" }) });
    fake.emit("change:drafts");
  }
  await settle();
  expect((find("USER") as HTMLInputElement).value).toBe("");
  expect((find("PASSWORD") as HTMLInputElement).value).toBe("hunter2");
});

test("secrets of a form that is edited as JSON are still left out", () => {
  const secrets = new Secrets();
  const asForm = question({ field: formField(LOGIN, "{}") });
  const asJson = question({ field: { kind: "json", original: "{}" } });
  secrets.without(asForm, "{}");
  expect(secrets.without(asJson, dumps({ user: "ann", password: "x" }))).toBe(
    dumps({ user: "ann", password: "" }),
  );
  expect(secrets.without(asJson, '{"password": "x"')).toBeNull(); // the end of the secret is unknown
});

test("after a reload, JSON that may contain a secret is not kept", () => {
  const asJson = question({ field: { kind: "json", original: "{}", secret: true } });
  expect(new Secrets().without(asJson, dumps({ user: "ann", password: "x" }))).toBeNull();
});

test.each([
  ["a list", list(text("secret"), '""'), ["x"], [""]],
  [
    "a shape",
    variants(null, ["S", null, '""', text("secret")], ["None", null, "null", fixed("null")]),
    "x",
    "",
  ],
  ["a number", variants(null, ["S", null, '""', text("secret")], ["N", null, "0", number()]), 1, 1],
  ["others", { ...group(), others: text("secret") }, { a: "x" }, { a: "" }],
  [
    "a row",
    { kind: "row", items: [member("a", text()), member("b", text("secret"))] },
    ["a", "b"],
    ["a", ""],
  ],
  ["a name", { kind: "shared", name: "S" }, "x", ""],
  ["a secret number", { kind: "secret", control: number() }, 4711, ""],
  ["a secret list", list({ kind: "secret", control: list(number(), "0") }, "[]"), [[1], [2]], [[], []]],
  [
    "a secret object",
    group(member("login", { kind: "secret", control: LOGIN })),
    { login: { user: "a" } },
    { login: {} },
  ],
  ["a secret constant", { kind: "secret", control: fixed('"x"') }, "y", "x"],
  ["a secret of any shape", { kind: "secret", control: { kind: "json", why: "size" } }, { a: "x" }, {}],
  ["a secret choice", { kind: "secret", control: { kind: "shared", name: "S" } }, true, null],
  ["nothing secret", anything, "x", "x"],
] as const)("a secret within %s goes", (_, control, value, kept) => {
  const field = formField(JSON.parse(JSON.stringify(control)), "null", { S: text("secret") });
  expect(new Secrets().without(question({ field }), dumps(value))).toBe(dumps(kept));
});

test("values filled in for a decision are kept without secrets", () => {
  const action = {
    kind: "action",
    name: "edit",
    label: "",
    key: "e",
    look: "plain",
    control: LOGIN,
    start: "",
    asks: "",
  } as const;
  const field = {
    kind: "decisions",
    original: "[null]",
    requests: [{ kind: "request", title: "", shows: [], actions: [action] }],
    shared: {},
  } as const;
  const draft = [{ action: "edit", value: { user: "a", password: "b" } }, null];
  const kept = new Secrets().without(question({ field: structuredClone(field) as never }), dumps(draft));
  expect(kept).toBe(dumps([{ action: "edit", value: { user: "a", password: "" } }, null]));
});

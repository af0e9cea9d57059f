/** The places of a form, without a drawing. */
import { expect, test, vi } from "vitest";
import { Form, FormMemory, valueIn } from "../src/controls/place";

test("a form that is read-only does not change", () => {
  const memory = new FormMemory();
  memory.value = valueIn('{"a": "b"}');
  memory.onText = vi.fn();
  const form = new Form("form", {}, '{"a": "b"}', memory);
  memory.readOnly = true;
  form.root.child("a").change("c");
  expect(memory.onText).not.toHaveBeenCalled();
  memory.readOnly = false;
  form.root.child("a").change("c");
  expect(memory.onText).toHaveBeenCalledExactlyOnceWith('{\n  "a": "c"\n}');
});

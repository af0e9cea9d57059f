/** The places of a form, without a drawing. */
import { expect, test, vi } from "vitest";
import { Form } from "../src/controls/place";

const formOf = (text: string) => {
  const form = new Form("form");
  form.begin(text);
  form.read(text);
  form.onText = vi.fn();
  return form;
};

test("a form that is read-only does not change", () => {
  const form = formOf('{"a": "b"}');
  form.readOnly = true;
  form.root.child("a").change("c");
  expect(form.onText).not.toHaveBeenCalled();
  form.readOnly = false;
  form.root.child("a").change("c");
  expect(form.onText).toHaveBeenCalledExactlyOnceWith('{\n  "a": "c"\n}');
});

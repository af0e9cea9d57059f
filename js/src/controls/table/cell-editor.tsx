/** A cell while edited. Enter and Tab keep the new text and go on, Escape restores the old text. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { isComposing, isSubmit } from "../../keyboard";
import { shownText } from "../../shown";
import type { Cell } from "./cells";
import type { Column } from "./columns";

interface Props {
  column: Column;
  label: string;
  start: string;
  /** `null`: unchanged. `by`: the way to the next cell; `null` where the focus has moved elsewhere. */
  onFinish(text: string | null, by: Cell | null): void;
}

type Field = HTMLTextAreaElement | HTMLSelectElement;

export function CellEditor({ column, label, start, onFinish }: Props) {
  const field = useRef<Field | null>(null);
  const over = useRef(false);
  useLayoutEffect(() => {
    field.current?.focus();
    if (field.current instanceof HTMLTextAreaElement)
      field.current.setSelectionRange(start.length, start.length);
  }, []);
  const hold = (element: Field | null) => {
    field.current = element;
  };
  const finish = (text: string | null, by: Cell | null) => {
    if (over.current) return; // leaving the page takes the focus away once more
    over.current = true;
    onFinish(text, by);
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: Field }) => {
    const { value } = event.currentTarget;
    if (isSubmit(event)) return finish(value, { row: 0, column: 0 });
    event.stopPropagation();
    const by = stepOf(event);
    if (isComposing(event) || (event.key !== "Escape" && !by)) return;
    event.preventDefault();
    finish(by ? value : null, by ?? { row: 0, column: 0 });
  };
  const shared = {
    class: "editing",
    dir: "auto" as const,
    "aria-label": label,
    onKeyDown,
    onBlur: (event: FocusEvent & { currentTarget: Field }) => finish(event.currentTarget.value, null),
  };
  const { control } = column;
  if (control.kind === "choice")
    return (
      <select {...shared} ref={hold} value={start}>
        <option value="" />
        {control.options.map((option) => (
          <option key={option.value} value={option.label}>
            {shownText(option.label)}
          </option>
        ))}
      </select>
    );
  return (
    <textarea {...shared} ref={hold} rows={1} spellcheck={false} autocomplete="off" defaultValue={start} />
  );
}

/** Alt+Enter is a line break in the cell, as in spreadsheets. */
function stepOf({ key, shiftKey, altKey }: KeyboardEvent): Cell | null {
  if (altKey) return null;
  if (key === "Enter") return { row: shiftKey ? -1 : 1, column: 0 };
  return key === "Tab" ? { row: 0, column: shiftKey ? -1 : 1 } : null;
}

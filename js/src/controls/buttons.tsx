/** Buttons that change how many parts a form has. */
import type { ComponentChildren } from "preact";

interface ToolProps {
  name: string;
  off: boolean;
  onClick(): void;
  children: ComponentChildren;
}

/** `aria-disabled`, not `disabled`: a disabled button would drop the focus. */
export function Tool({ name, off, onClick, children }: ToolProps) {
  return (
    <button
      type="button"
      class="tool"
      aria-label={name}
      title={name}
      aria-disabled={off}
      onClick={() => off || onClick()}
    >
      {children}
    </button>
  );
}

type AddProps = Omit<ToolProps, "name"> & { id?: string | undefined; title?: string | undefined };

export function Add({ id, title, off, onClick, children }: AddProps) {
  return (
    <button
      type="button"
      id={id}
      class="quiet"
      title={title}
      aria-disabled={off}
      onClick={() => off || onClick()}
    >
      <span aria-hidden="true">+ </span>
      {children}
    </button>
  );
}

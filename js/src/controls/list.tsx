/** A list of items of the same kind: add, remove, move; the focus follows the moved item. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { focusedIn } from "../focus";
import { isList, parse } from "../json";
import { isComposing } from "../keyboard";
import type { ListControl } from "../protocol";
import * as strings from "../strings";
import { type ControlProps, groupAttributes } from "./base";
import { Add, Tool } from "./buttons";
import { FlawLines, messagesOf } from "./flaws";
import { Labelled } from "./labelled";
import { isFull } from "./shape";
import { columnsOf } from "./table/columns";
import { TableView } from "./table/table";

type Props = ControlProps<ListControl>;

export function ListView(props: Props) {
  const { control, place, node } = props;
  const columns = control.table && isList(node) ? columnsOf(place.form, control, node) : null;
  return columns ? <TableView {...props} columns={columns} /> : <Items {...props} />;
}

/** Items drawn at first, and more on demand. */
const SLICE = 50;

function Items(props: Props) {
  const { control, place, node, flaws, readOnly, masked } = props;
  const items = isList(node) ? node : [];
  const [drawn, draw] = useState(SLICE);
  const { keys, remove: forget, move } = useKeys(items.length);
  const [said, say] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const moved = useHeldFocus();
  const addId = `${place.id}-add`;

  const shift = (from: number, to: number) => {
    const item = items[from];
    if (readOnly || item === undefined || to < 0 || to >= items.length) return;
    moved.current = focusedIn(list.current) as HTMLElement | null;
    move(from, to);
    say(strings.forms.moved(to + 1, items.length));
    place.change(items.toSpliced(from, 1).toSpliced(to, 0, item));
  };
  const remove = (index: number) => {
    forget(index);
    const next = Math.min(index, items.length - 2);
    place.focus(next < 0 ? addId : place.child(next).id);
    place.change(items.toSpliced(index, 1));
  };
  const add = () => {
    draw(Math.max(drawn, items.length + 1));
    place.child(items.length).focus();
    place.change([...items, parse(control.start)], false);
  };
  const shown = items.slice(0, drawn);
  const inner = new Set(shown.map((_, index) => String(index)));
  return (
    <div {...groupAttributes(props)} ref={list} class="items">
      <FlawLines place={place} messages={messagesOf(flaws, inner)} />
      {shown.map((item, index) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: a short cut; the buttons do the same
        <div
          key={keys[index]}
          class="item"
          onKeyDown={(event) => {
            const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
            if (!step || isComposing(event)) return;
            event.preventDefault();
            event.stopPropagation();
            shift(index, index + step);
          }}
        >
          <Labelled
            control={control.item}
            place={place.child(index)}
            node={item}
            flaws={flaws?.below.get(String(index))}
            readOnly={readOnly}
            masked={masked}
            label={strings.forms.item(index + 1)}
            hint=""
            required={false}
            tools={
              <ItemTools
                {...{ index, count: items.length, fewest: control.fewest, readOnly }}
                onShift={(step) => shift(index, index + step)}
                onRemove={() => remove(index)}
              />
            }
          />
        </div>
      ))}
      <div class="add">
        {items.length > drawn && (
          <button type="button" class="quiet" onClick={() => draw(drawn + 2 * SLICE)}>
            {strings.forms.showMore(items.length - drawn)}
          </button>
        )}
        <Add id={addId} off={readOnly || isFull(control, items)} onClick={add}>
          {strings.forms.addItem}
        </Add>
        {control.most !== null && (
          <span class="hint">{strings.forms.length(items.length, control.most)}</span>
        )}
      </div>
      <p class="unseen" role="status">
        {said}
      </p>
    </div>
  );
}

interface ToolsProps {
  index: number;
  count: number;
  fewest: number;
  readOnly: boolean;
  onShift(step: number): void;
  onRemove(): void;
}

function ItemTools({ index, count, fewest, readOnly, onShift, onRemove }: ToolsProps) {
  const number = index + 1;
  const text = strings.forms;
  return (
    <>
      <Tool name={text.moveUp(number)} off={readOnly || index === 0} onClick={() => onShift(-1)}>
        ↑
      </Tool>
      <Tool name={text.moveDown(number)} off={readOnly || number === count} onClick={() => onShift(1)}>
        ↓
      </Tool>
      <Tool name={text.remove(text.item(number))} off={readOnly || count <= fewest} onClick={onRemove}>
        ✕
      </Tool>
    </>
  );
}

/** A key for each item, which moves with the item, so that the elements move, too. */
function useKeys(count: number) {
  const held = useRef<readonly number[]>([]);
  const keys = keysFor(count, held.current);
  useLayoutEffect(() => {
    held.current = keys;
  });
  const remove = (at: number) => {
    held.current = held.current.toSpliced(at, 1);
  };
  const move = (from: number, to: number) => {
    const key = held.current[from];
    if (key !== undefined) held.current = held.current.toSpliced(from, 1).toSpliced(to, 0, key);
  };
  return { keys, remove, move };
}

/** As many keys as items, the known ones first. */
function keysFor(count: number, known: readonly number[]): readonly number[] {
  const next = Math.max(-1, ...known) + 1;
  const added = Math.max(0, count - known.length);
  return [...known.slice(0, count), ...Array.from({ length: added }, (_, place) => next + place)];
}

/** An element that is moved in the page loses the focus. */
function useHeldFocus() {
  const held = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    held.current?.focus();
    held.current = null;
  });
  return held;
}

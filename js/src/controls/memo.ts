import { Component, type ComponentChild, type FunctionComponent, h } from "preact";

/** The same component, drawn again only when a property changes: a form may have hundreds of controls. */
export function memo<P extends object>(Inner: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return isOther(this.props as P, next);
    }

    render(): ComponentChild {
      return h(Inner, this.props as P & { children?: never });
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}

function isOther<P extends object>(one: P, other: P): boolean {
  const keys = Object.keys(other) as (keyof P)[];
  return keys.length !== Object.keys(one).length || keys.some((key) => one[key] !== other[key]);
}

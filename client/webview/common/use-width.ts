// The width of a part of the page, in pixels, as it changes.
import { useLayoutEffect, useState } from 'preact/hooks';

export function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(700);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => setWidth(element.clientWidth);
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => resized.disconnect();
  }, [box]);
  return width;
}

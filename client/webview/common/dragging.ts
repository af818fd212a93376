// A picture of the run that is dragged over: it goes to the step under the pointer.

interface Draggable {
  readonly state: { readonly phase: string };
  readonly scrubbing: boolean;
  scrub(active: boolean): void;
}

/** The pointer's handlers; `seek` goes to what is under it. */
export function dragging(panel: Draggable, seek: (event: PointerEvent) => void) {
  const release = () => panel.scrub(false);
  return {
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0 || panel.state.phase !== 'following') return;
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      panel.scrub(true);
      seek(event);
    },
    onPointerMove(event: PointerEvent) {
      if (panel.scrubbing && event.buttons === 1) seek(event);
    },
    onPointerUp: release,
    onPointerCancel: release,
  };
}

// The editor's part around a panel, whichever panel it is: hands out its API, keeps its state, and notes what was posted.

declare global {
  interface Window {
    acquireVsCodeApi: () => object;
    /** Everything that the panel posted; the tests know of which panel it is. */
    posted: { readonly type: string }[];
    violations: string[];
  }
}

/** What the page was opened with: a moment by name, and the theme. */
export const wanted: URLSearchParams = new URLSearchParams(location.search);

/** Stands in for the editor; `answer` is told each request. */
export function standIn(answer: (request: { readonly type: string }) => void): void {
  document.addEventListener('DOMContentLoaded', () => {
    document.body.className = `vscode-${wanted.get('theme') ?? 'dark'}`;
  });
  window.posted = [];
  window.violations = [];
  window.acquireVsCodeApi = () => ({
    postMessage: (request: { readonly type: string }) => {
      window.posted.push(request);
      answer(request);
    },
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
    setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
  });
}

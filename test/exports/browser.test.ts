import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderRunPage } from '../../src/exports/page.ts'
import { ensureRequirements } from '../lab/requirements.ts'
import { long } from '../rounds.ts'
import { clusterDocument } from './cluster.ts'

/**
 * Runs in the browser: the texts whose colour stands out too little from what is behind them. WCAG 2 asks for a ratio of
 * 4.5 at level AA.
 */
const faintTexts = String.raw`(() => {
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const light = (colour) => {
    const [r, g, b] = colour.map((one) => {
      const part = one / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    if (!element) return [255, 255, 255]
    const colour = channels(getComputedStyle(element).backgroundColor)
    return colour[3] === 0 ? behind(element.parentElement) : colour
  }
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
  const texts = [...document.querySelectorAll('main *')].filter(hasText)
  if (texts.length < 100) return ['the page is empty']
  return texts.flatMap((element) => {
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    return ratio >= 4.5 ? [] : [ratio.toFixed(2) + ': ' + element.textContent.slice(0, 60)]
  })
})()`

describe.runIf(long)('the page in a browser', () => {
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    await ensureRequirements()
    folder = mkdtempSync(join(tmpdir(), 'fw-run-page-'))
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  it.each([
    [3, 1280, 'light'],
    [3, 390, 'dark'],
    [300, 1280, 'dark'],
    [300, 390, 'light'],
  ] as const)(
    'of %i hosts, %i pixels wide and %s, is calm, fits and can be read',
    async (hosts, width, colorScheme) => {
      const file = join(folder, `${hosts}.html`)
      writeFileSync(file, renderRunPage(clusterDocument(hosts)))
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      const said: string[] = []
      page.on('console', (message) => said.push(message.text()))
      page.on('pageerror', (error) => said.push(error.message))
      page.on('request', (request) => {
        if (request.url() !== pathToFileURL(file).href) said.push(`asks for ${request.url()}`)
      })
      await page.goto(pathToFileURL(file).href)
      expect(said).toEqual([])
      expect(await page.title()).toBe('fw-run apply, 2026-11-23 04:15:00 UTC')
      const wide = await page.evaluate('document.documentElement.scrollWidth')
      expect(wide).toBeLessThanOrEqual(width)
      expect(await page.evaluate(faintTexts)).toEqual([])
      // A directory, for who wants to look.
      const shots = process.env.TEST_SCREENSHOTS
      if (shots)
        await page.screenshot({
          path: join(shots, `${hosts}-${width}-${colorScheme}.png`),
          fullPage: hosts === 3,
        })
      // A4 with the margins of the page.
      await page.emulateMedia({ media: 'print' })
      await page.setViewportSize({ width: 690, height: 1000 })
      const printed = await page.evaluate('document.documentElement.scrollWidth')
      expect(printed).toBeLessThanOrEqual(690)
      if (shots) await page.screenshot({ path: join(shots, `${hosts}-print.png`) })
      await page.close()
    },
  )
})

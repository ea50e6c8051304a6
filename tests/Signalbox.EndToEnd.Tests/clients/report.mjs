// Runs the scenario that the first argument names and prints what happened as one line of JSON.
// A failure of the script itself goes to stderr, with exit code 1.
export async function report (scenarios) {
  const [name] = process.argv.slice(2)
  const scenario = scenarios[name]
  if (!scenario) {
    throw new Error(`There is no scenario '${name}'; there are ${Object.keys(scenarios).join(', ')}`)
  }

  const happened = await scenario()
  process.stdout.write(JSON.stringify(happened) + '\n', () => process.exit(0))
}

// What a client throws, as far as tests ask for it.
export async function refusal (promise) {
  try {
    return { refused: false, value: await promise }
  } catch (error) {
    return { refused: true, status: error.statusCode ?? null, error: error.error ?? null, message: error.message }
  }
}

export async function eventually (what, look, seconds = 20) {
  const deadline = Date.now() + seconds * 1000
  while (Date.now() < deadline) {
    const found = await look()
    if (found) {
      return found
    }

    await new Promise(resolve => setTimeout(resolve, 25))
  }

  throw new Error(`${what} did not come about within ${seconds} s`)
}

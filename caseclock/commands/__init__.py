"""The commands of `caseclock`: a module each, with `run(args, settings) -> exit code`, imported when asked for."""

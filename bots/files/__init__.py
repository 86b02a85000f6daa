"""Files and folders: `files.…`."""

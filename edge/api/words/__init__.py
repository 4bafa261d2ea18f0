"""Every sentence of the pages, by what it is about; each goes through `language.gettext`."""

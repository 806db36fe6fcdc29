"""The API: every act on a case over HTTP, thin over the same actions and queries that pages use."""

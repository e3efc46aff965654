print(PackageResources.index_html.count)
